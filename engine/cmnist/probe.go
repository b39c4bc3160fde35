package cmnist

// A Probe says what a digit's compositional outputs depend on: the digit's own
// image, or the digits beside it.
//
// With ŷ_p the ten outputs of place p and Var their variance over images, summed
// over the ten,
//
//	Company = mean over places of E‖ŷ_p(x) − ŷ_p(x′)‖² / 2Var(ŷ_p)
//
// where x and x′ have the same digit image at place p and others at all other
// places, x as they were trained and x′ in a combination that never was. It is 0
// for a network whose answer about a digit comes from that digit alone, and 1
// for one whose answer is as different as between any two images. This is 1 less
// the first-order Sobol index of the digit's own place: systematicity, measured
// where it cannot be derived. Its linear counterpart is dataset.Quadrants'.
//
// Style is the same where x′ has at place p another image of the same class and
// everything else as it was, which leaves every label what it is.
type Probe struct {
	Company       float64
	Style         float64
	Systematicity float64 // 1 − Company
	// Recombined is how the network does on the new combinations of trained digits.
	Recombined Measure
}

// A Prober works a Probe out from the answers to Data's Seen, Recombined and
// Swapped images.
type Prober struct {
	data  *Data
	meter *Meter
	// The compositional outputs of every image.
	seen, recombined, swapped []float64
}

// NewProber returns a prober for a network, or nil where no tower writes the
// compositional outputs.
func NewProber(d *Data, n Network) *Prober {
	meter := NewMeter(d.Composition, n)
	if !meter.digits {
		return nil
	}
	size := d.Seen.Count() * d.Composition.Compositional()
	return &Prober{data: d, meter: meter, seen: make([]float64, size), recombined: make([]float64, size), swapped: make([]float64, size)}
}

// Seen takes in the answers to Seen image i.
func (p *Prober) Seen(i int, answers []float64) { p.keep(p.seen, i, answers) }

// Recombined takes in the answers to Recombined image i.
func (p *Prober) Recombined(i int, answers []float64) {
	p.keep(p.recombined, i, answers)
	p.meter.Add(p.data.Recombined, i, answers)
}

// Swapped takes in the answers to Swapped image i.
func (p *Prober) Swapped(i int, answers []float64) { p.keep(p.swapped, i, answers) }

func (p *Prober) keep(to []float64, i int, answers []float64) {
	width := p.data.Composition.Compositional()
	copy(to[i*width:(i+1)*width], answers)
}

// Probe returns the result once all answers are in.
func (p *Prober) Probe() *Probe {
	places := p.data.Composition.Digits
	count := p.data.Seen.Count()
	out := &Probe{Recombined: p.meter.Measure()}
	for place := range places {
		company, style, swaps := 0.0, 0.0, 0
		for i := range count {
			company += distance(p.digit(p.seen, p.data.Seen.partner(i, place), place), p.digit(p.recombined, i, place))
			if i%places == place {
				style += distance(p.digit(p.seen, i, place), p.digit(p.swapped, i, place))
				swaps++
			}
		}
		twice := 2 * p.variance(place)
		out.Company += company / float64(count) / twice / float64(places)
		out.Style += style / float64(swaps) / twice / float64(places)
	}
	out.Systematicity = 1 - out.Company
	return out
}

// digit returns the ten outputs of a place of an image.
func (p *Prober) digit(from []float64, i, place int) []float64 {
	return from[i*p.data.Composition.Compositional()+10*place:][:10]
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		d := a[i] - b[i]
		sum += d * d
	}
	return sum
}

// variance returns the variance of a place's outputs over Seen and Recombined
// images, summed over the outputs.
func (p *Prober) variance(place int) float64 {
	sum := 0.0
	count := float64(2 * p.data.Seen.Count())
	for output := range 10 {
		mean, square := 0.0, 0.0
		for _, from := range [][]float64{p.seen, p.recombined} {
			for i := range p.data.Seen.Count() {
				mean += p.digit(from, i, place)[output] / count
			}
		}
		for _, from := range [][]float64{p.seen, p.recombined} {
			for i := range p.data.Seen.Count() {
				d := p.digit(from, i, place)[output] - mean
				square += d * d / count
			}
		}
		sum += square
	}
	return sum
}
