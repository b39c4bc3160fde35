//go:build gpu

package large

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"modspec/engine/cuda"
	"modspec/engine/cuda/cudatest"
	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/random"
	"modspec/engine/train"
	"modspec/engine/train/backendtest"
	"modspec/engine/train/reference"
)

// only is a backend that takes every copy along the large path.
type only struct {
	device *cuda.Device
	size   int
	// What stands between the large path and the device, if anything.
	limit     func(device) device
	slotBytes int
}

func (b *only) Name() string { return "large" }

func (b *only) Train(ctx context.Context, job *linear.Job, recorder linear.Recorder) error {
	if err := job.Check(); err != nil {
		return err
	}
	all := make([]int, len(job.Copies))
	for i := range all {
		all[i] = i
	}
	if b.limit == nil && b.slotBytes == 0 {
		return Train(ctx, b.device, b.size, job, all, recorder)
	}
	return b.device.Do(func() error {
		s, err := b.device.NewStream()
		if err != nil {
			return err
		}
		l := &trainer{device: stream{s}, size: b.size, slotBytes: usualSlotBytes}
		if b.limit != nil {
			l.device = b.limit(l.device)
		}
		if b.slotBytes > 0 {
			l.slotBytes = b.slotBytes
		}
		return errors.Join(l.train(ctx, job, all, recorder), s.Destroy())
	})
}

func (b *only) Close() error { return b.device.Close() }

// open opens the first device, which may be the stand-in, or skips the test.
func open(t *testing.T, size int) *only {
	t.Helper()
	cudatest.NeedDevice(t)
	cuda.AllowStandIn(true)
	d, err := cuda.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	return &only{device: d, size: size}
}

func TestSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite on the large path takes long where kernels are checked at every access")
	}
	for _, p := range []struct {
		name string
		size int
		tol  backendtest.Tolerance
	}{{"float32", 4, backendtest.Float32}, {"float64", 8, backendtest.Float64}} {
		open(t, p.size).Close()
		backendtest.Run(t, p.name, func() (linear.Backend, error) { return open(t, p.size), nil }, p.tol)
	}
}

// modulesOf reads a list of modules as users write it.
func modulesOf(t *testing.T, text string) network.Architecture {
	t.Helper()
	a, err := network.ParseModules(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// oneStep is a job of one step of some copies that differ in r, rate and seed.
func oneStep(a network.Architecture, p dataset.Point, rule network.Rule, batch int) *linear.Job {
	j := &linear.Job{Architecture: a, Steps: 1}
	for i := range 3 {
		p := p
		p.R *= 1 + 0.25*float64(i%2)
		j.Copies = append(j.Copies, linear.Copy{
			Task: &linear.Task{Point: p, Batch: batch}, Rule: rule, LearningRate: 0.1 + 0.05*float64(i),
			Stream: random.Stream{Seed: uint64(i), Point: 3}, InitScale: 0.1,
		})
	}
	return j
}

// A step of copies that are larger than the tiles, deeper than the fused kernels know, or
// without input, in float64, against the reference.
func TestSteps(t *testing.T) {
	b := open(t, 8)
	defer b.Close()
	wide := dataset.NewPoint(5, 5, 2, 2, 2, 1) // 69 inputs, 66 outputs, 32 coordinates
	small := dataset.NewPoint(3, 3, 2, 2, 1, 0.5)
	silent := dataset.NewPoint(3, 3, 2, 2, 1, 0) // Γ holds nothing
	cases := map[string]*linear.Job{
		"more than a tile":              oneStep(network.Dense(140), wide, network.Rule{}, 0),
		"more than a tile, contrastive": oneStep(network.Dense(70), wide, network.Rule{Gamma: 0.5}, 0),
		"more than a tile, hebbian":     oneStep(network.Dense(70), wide, network.Rule{Beta: 0.001}, 0),
		"more than a tile, in batches":  oneStep(network.Dense(70), wide, network.Rule{}, 30),
		"few outputs, many units":       oneStep(network.Dense(700), small, network.Rule{}, 0),
		"sixteen hidden layers":         oneStep(network.Dense(6, 5, 7, 6, 5, 7, 6, 5, 7, 6, 5, 7, 6, 5, 7, 6), small, network.Rule{}, 0),
		"ten hidden layers, all rules":  oneStep(network.Dense(6, 5, 7, 6, 5, 7, 6, 5, 7, 6), small, network.Rule{Gamma: 0.5, Beta: -0.001}, 3),
		"a module without input":        oneStep(network.Partitioned(4), silent, network.Rule{}, 0),
		"modules that overlap twice":    oneStep(modulesOf(t, "omega>both:5; both>gamma:4; gamma>omega:0; both>both:0"), small, network.Rule{}, 0),
	}
	for name, job := range cases {
		got, err := linear.Collect(context.Background(), b, job)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want, err := linear.Collect(context.Background(), reference.New(0), job)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if err := closeStep(job, i, got[i], want[i]); err != nil {
				t.Errorf("%s, copy %d: %v", name, i, err)
			}
		}
	}
}

// closeStep compares the weights after one step and the last observation with the
// reference's.
//
// Either computation rounds at most n times on the way into a number, n the lengths of
// all nested sums and some single operations, so both together are off by at most
// 2γ(n) times the sizes of the terms. Those of ΔW_l are at most, in Frobenius norms with
// X and Y over all examples and a the other layers' product,
//
//	η·a·(‖Y‖ + ‖M‖‖X‖)‖X‖                               of the gradient
//	η|γ|·(‖Y‖² + ‖M‖²‖X‖²)·‖W_l‖                        of the contrastive term
//	|β|·h²·(1 + ‖W_l‖²)·‖W_l‖·s                         of the Hebbian, h = a·‖X‖, s = 1/(1 − ‖w_i‖²)
//
// where a mean over examples is at most the sum.
func closeStep(job *linear.Job, i int, got, want linear.Run) error {
	c := &job.Copies[i]
	p := c.Task.Point
	here, start, err := job.Start(i)
	if err != nil {
		return err
	}
	x, err := p.X()
	if err != nil {
		return err
	}
	y, err := c.Task.Targets()
	if err != nil {
		return err
	}
	n := p.Inputs() + p.Outputs() + p.Examples()
	whole := 0.0 // at least ‖M‖ of the network
	for _, layers := range start.Modules {
		product := 1.0
		for _, w := range layers {
			rows, _ := w.Dims()
			n += 2 * (rows + 8)
			product *= mat.Norm(w, 2)
		}
		whole += product
	}
	normX, normY := mat.Norm(x, 2), mat.Norm(y, 2)
	u := float64(4*n) * 0x1p-53
	bound := 2 * u / (1 - u)
	for m, layers := range start.Modules {
		for l, w := range layers {
			others := 1.0
			for k, other := range layers {
				if k != l {
					others *= math.Max(1, mat.Norm(other, 2))
				}
			}
			own := mat.Norm(w, 2)
			size := own + c.LearningRate*others*(normY+whole*normX)*normX +
				c.LearningRate*math.Abs(c.Rule.Gamma)*(normY*normY+whole*whole*normX*normX)*own +
				math.Abs(c.Rule.Beta)*others*others*normX*normX*(1+own*own)*own*lengthening(w)
			if far := distance(got.Final.Weights.Modules[m][l], want.Final.Weights.Modules[m][l]); !(far <= bound*size) {
				return fmt.Errorf("a weight of module %d, layer %d of %s is off by %.3g, want at most %.3g", m+1, l+1, here.Name, far, bound*size)
			}
		}
	}
	a, b := got.Last(), want.Last()
	if a.Step != b.Step || len(a.Modes) != len(b.Modes) {
		return fmt.Errorf("the last observation is %+v, want %+v", a, b)
	}
	return nil
}

// lengthening bounds 1/|1 − ‖w_i‖²| over the rows, and with it what it makes of an error.
func lengthening(w *mat.Dense) float64 {
	most := 1.0
	rows, _ := w.Dims()
	for i := range rows {
		v := mat.Norm(w.RowView(i), 2)
		most = math.Max(most, 1/math.Abs(1-v*v))
	}
	return most * most
}

// distance is the largest difference of two matrices, NaN where one is.
func distance(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	most := 0.0
	for _, v := range d.RawMatrix().Data {
		if !(math.Abs(v) <= most) {
			most = math.Abs(v)
		}
	}
	return most
}

// manySteps is a job whose copies meet everything that a run's bookkeeping knows: steps
// that are recorded and repeated, epochs whose last batches are smaller, and copies that
// diverge.
func manySteps(batch int) *linear.Job {
	j := &linear.Job{Architecture: network.Split(5), Steps: 48, Schedule: train.Schedule{Every: 45}}
	for i := range 7 {
		c := linear.Copy{
			Task: &linear.Task{Point: dataset.NewPoint(3, 3, 1, 2, 1, 0.5*float64(1+i%2)), Batch: batch}, LearningRate: 0.05,
			Stream: random.Stream{Seed: uint64(i)}, InitScale: 0.2,
		}
		if i == 3 {
			c.LearningRate = 400
		}
		j.Copies = append(j.Copies, c)
	}
	return j
}

// sameRuns fails unless two backends do the same to a job, bit by bit.
func sameRuns(t *testing.T, name string, job *linear.Job, a, b linear.Backend) {
	t.Helper()
	first, err := linear.Collect(context.Background(), a, job)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	second, err := linear.Collect(context.Background(), b, job)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i := range first {
		if x, y := fmt.Sprint(first[i].Trajectory, first[i].Final.Step, first[i].Final.Diverged), fmt.Sprint(second[i].Trajectory, second[i].Final.Step, second[i].Final.Diverged); x != y {
			t.Errorf("%s: copy %d is\n%s, or\n%s", name, i, x, y)
		}
		for m, layers := range first[i].Final.Weights.Modules {
			for l, w := range layers {
				for k, v := range w.RawMatrix().Data {
					if other := second[i].Final.Weights.Modules[m][l].RawMatrix().Data[k]; math.Float64bits(v) != math.Float64bits(other) && !(math.IsNaN(v) && math.IsNaN(other)) {
						t.Fatalf("%s: copy %d ends with %v, or %v", name, i, v, other)
					}
				}
			}
		}
	}
}

// cramped is a device with less memory than it has. Where it lies about what is free,
// allocations fail.
type cramped struct {
	device
	free, most uint64
}

func (c cramped) freeMemory() (uint64, error) { return c.free, nil }

func (c cramped) allocate(bytes uint64) (uint64, error) {
	if bytes > c.most {
		return 0, fmt.Errorf("%d bytes: %w", bytes, cuda.ErrOutOfMemory)
	}
	return c.device.allocate(bytes)
}

// forgetful is a device whose driver cannot record.
type forgetful struct{ device }

func (forgetful) record(func() error) (recording, error) { return nil, nil }

// watched is a device that counts what is recorded and how often that is started.
type watched struct {
	device
	recorded, started *int
}

func (w watched) record(launches func() error) (recording, error) {
	*w.recorded++
	r, err := w.device.record(launches)
	return watchedRecording{r, w.started}, err
}

type watchedRecording struct {
	recording
	started *int
}

func (w watchedRecording) start() error {
	*w.started++
	return w.recording.start()
}

// Steps are recorded once and then started many at a time.
func TestRecordsSteps(t *testing.T) {
	b := open(t, 4)
	defer b.Close()
	for _, batch := range []int{0, 3, 4} {
		recorded, started := 0, 0
		b.limit = func(d device) device { return watched{d, &recorded, &started} }
		if _, err := linear.Collect(context.Background(), b, manySteps(batch)); err != nil {
			t.Fatal(err)
		}
		if recorded != 1 || started < 2 {
			t.Errorf("batches of %d: %d recordings, started %d times in 48 steps", batch, recorded, started)
		}
	}
}

// How copies are bundled, pass through slots and steps are queued changes no bit.
func TestBundlesKeepBits(t *testing.T) {
	whole := open(t, 4)
	defer whole.Close()
	const few = 60 << 10 // room for some of the copies
	for name, other := range map[string]*only{
		"no room for all copies":      {limit: func(d device) device { return cramped{d, few, few} }},
		"less room than there was":    {limit: func(d device) device { return cramped{d, 1 << 40, few} }},
		"a slot for one copy":         {slotBytes: 1},
		"slots for some copies":       {slotBytes: 20000},
		"steps that are not recorded": {limit: func(d device) device { return forgetful{d} }},
	} {
		other.device, other.size = whole.device, whole.size
		for _, batch := range []int{0, 3, 4} {
			if testing.Short() && batch != 3 {
				continue
			}
			sameRuns(t, fmt.Sprintf("%s, batches of %d", name, batch), manySteps(batch), whole, other)
		}
	}
}

// Every part of that job is met: one copy diverges, the others do not.
func TestManySteps(t *testing.T) {
	b := open(t, 4)
	defer b.Close()
	runs, err := linear.Collect(context.Background(), b, manySteps(3))
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range runs {
		if run.Final.Diverged != (i == 3) || i != 3 && len(run.Trajectory) != 3 {
			t.Errorf("copy %d: diverged is %v after %d observations", i, run.Final.Diverged, len(run.Trajectory))
		}
	}
}

// A copy that no device has room for is refused in one line.
func TestRefusesWhatDoesNotFit(t *testing.T) {
	b := open(t, 4)
	defer b.Close()
	b.limit = func(d device) device { return cramped{d, 1 << 40, 1 << 10} }
	_, err := linear.Collect(context.Background(), b, manySteps(0))
	if err == nil || !errors.Is(err, errors.ErrUnsupported) || !strings.HasPrefix(err.Error(), "copy 0 needs ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v, want one line that says what copy 0 needs", err)
	}
}

// A recorder that wants initial weights sees those of network.Initial, bit by bit.
func TestStarts(t *testing.T) {
	b := open(t, 4)
	defer b.Close()
	job := manySteps(0)
	job.Steps, job.Schedule = 0, train.Schedule{}
	s := &startsSeen{starts: map[int]*network.Weights{}}
	if err := b.Train(context.Background(), job, s); err != nil {
		t.Fatal(err)
	}
	for i := range job.Copies {
		_, want, err := job.Start(i)
		if err != nil {
			t.Fatal(err)
		}
		for m, layers := range want.Modules {
			for l, w := range layers {
				if !mat.Equal(s.starts[i].Modules[m][l], w) {
					t.Errorf("copy %d is told to start from other weights", i)
				}
			}
		}
	}
}

type startsSeen struct{ starts map[int]*network.Weights }

func (s *startsSeen) Start(copy int, w *network.Weights) error {
	s.starts[copy] = w.Clone()
	return nil
}
func (s *startsSeen) Observe(int, linear.Observation) error { return nil }
func (s *startsSeen) Finish(int, linear.Final) error        { return nil }
