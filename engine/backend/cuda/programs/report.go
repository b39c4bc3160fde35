package programs

import (
	"fmt"

	"modspec/engine/program"
)

// Work is what a program takes on a device, counted from its plan.
type Work struct {
	Launches int
	Pieces   int // chains, products and other operations in them
	// Products are the multiply-adds of products and convolutions, of a run.
	Products int64
	// Bytes are those that kernels read and write, of a run: each operand of a launch
	// once, without regard to caches and to what tiles read again. Of a constant, which
	// all runs share, they are counted for each run too.
	Bytes int64
	// Values are the bytes of a run's buffers.
	Values int64
}

// A Report is the work of a training.
type Report struct{ Start, Step, Observe Work }

// Count counts the work of a training. The error is that of Compile for the training.
func Count(t *program.Training, o Options) (Report, error) {
	var r Report
	for i, part := range []struct {
		p    *program.Program
		work *Work
	}{{t.Start, &r.Start}, {t.Step, &r.Step}, {t.Observe, &r.Observe}} {
		p, err := newPlan(part.p, o, i < 2)
		if err != nil {
			return Report{}, err
		}
		*part.work = p.work()
	}
	r.Step.Launches += 2 // which watch the variables and count the step
	for _, v := range t.Variables {
		if v.Trained {
			r.Step.Bytes += int64(o.Precision.bytes()) * int64(program.Size(v.Shape))
		}
	}
	return r, nil
}

func (p *plan) work() Work {
	bytes := int64(p.options.Precision.bytes())
	w := Work{Launches: len(p.launches), Values: bytes * int64(p.values)}
	elements := 0
	for i := range p.launches {
		l := &p.launches[i]
		w.Pieces += len(l.pieces) + len(l.roots)
		for _, x := range l.pieces {
			root := x.product
			if root < 0 {
				root = x.nodes[0]
			} else {
				s := p.product(root)
				w.Products += s.products()
				for _, in := range p.nodes[root].In {
					elements += p.nodes[in].Size()
				}
			}
			size := p.nodes[root].Size()
			for k := range x.code {
				if n := &x.code[k]; n.code == codeLoad {
					elements += x.operands[n.operand].elements(size)
				}
				if x.code[k].store >= 0 {
					elements += size
				}
			}
		}
		for _, v := range l.roots {
			n := &p.nodes[v]
			elements += n.Size()
			for k, in := range n.In {
				if n.Op == program.Gather && k == 0 {
					elements += n.Size() // the rows that are taken
					continue
				}
				elements += p.nodes[in].Size()
			}
		}
	}
	w.Bytes = bytes * int64(elements)
	return w
}

// Limits are those of a device.
type Limits struct {
	Products float64 // multiply-adds a second
	Bytes    float64 // of its memory, a second
	Launch   float64 // seconds from one launch of a graph to the next
}

// H200 has the limits of an H200 in float32: 132 multiprocessors of 128 lanes at 1.98 GHz,
// and 4.3 TB/s as measured. The time of a launch is an assumption.
var H200 = Limits{Products: 3.34e13, Bytes: 4.3e12, Launch: 2e-6}

// Seconds predicts the time of a program for some runs side by side, as the largest of the
// times that its products, its memory and its launches take at least. It is a floor, not
// a measurement.
func (w Work) Seconds(runs int, l Limits) float64 {
	return max(float64(runs)*float64(w.Products)/l.Products, float64(runs)*float64(w.Bytes)/l.Bytes, float64(w.Launches)*l.Launch)
}

// String is the work in a line.
func (w Work) String() string {
	return fmt.Sprintf("%d launches of %d pieces, %d multiply-adds, %d bytes moved, %d bytes of buffers", w.Launches, w.Pieces, w.Products, w.Bytes, w.Values)
}
