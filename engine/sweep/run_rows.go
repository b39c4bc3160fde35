package sweep

import (
	"fmt"
	"runtime"
	"sync"

	"modspec/engine/results"
)

// A row is one run on its way to the tables.
type row struct {
	finished
	run results.Run
}

// waiting counts the recordings of copies that are trained and not yet written.
type waiting struct {
	mu     sync.Mutex
	room   sync.Cond
	points int
}

// take waits until a copy's recordings fit queuePoints with those that wait already,
// or none waits.
func (w *waiting) take(points int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room.L = &w.mu
	for w.points > 0 && w.points+points > queuePoints {
		w.room.Wait()
	}
	w.points += points
}

// give undoes take when the copy is written or dropped.
func (w *waiting) give(points int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.points -= points
	w.room.Broadcast()
}

// finish turns finished copies into rows, on all cores: predicting a copy costs a
// good part of what training it costs on a fast backend. It closes rows when
// there is nothing more to come. The first error goes to fail, and what comes
// after it is dropped.
func finish(precision string, from <-chan finished, rows chan<- *row, fail func(error)) {
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for f := range from {
				r, err := newRow(f, precision)
				if err != nil {
					r.done()
					fail(err)
					continue
				}
				rows <- r
			}
		}()
	}
	workers.Wait()
	close(rows)
}

// newRow returns the row of a finished run.
func newRow(f finished, precision string) (*row, error) {
	r := &row{finished: f}
	summary, err := f.end.Summary()
	if err != nil {
		return r, fmt.Errorf("copy %v: %w", f.who.ID, err)
	}
	r.run.ID, r.run.Copy, r.run.Seed = f.who.ID.String(), f.number, f.who.Seed
	r.run.LastStep, r.run.DivergedStep = f.end.Step, -1
	if f.end.Diverged {
		r.run.DivergedStep = f.end.Step
	}
	fillRun(&r.run, f.who.Parameters, precision, summary)
	return r, nil
}

// points returns how many recordings the row has.
func (r *row) points() int {
	if r.trace == nil {
		return 0
	}
	return len(r.trace.steps)
}

// done gives the memory of a row's trajectory back, when it has been written or is
// dropped. It may be called again.
func (r *row) done() {
	if r.trace == nil {
		return
	}
	r.waiting.give(len(r.trace.steps))
	traces.Put(r.trace)
	r.trace = nil
}

// fillRun fills in what a kind says of a run.
func fillRun(run *results.Run, p []results.Value, precision string, s []results.Value) {
	whole := func(i int) int { return int(p[i].Number) }
	run.Parameters = results.Parameters{
		Bits: whole(0), NX: whole(1), NY: whole(2), KX: whole(3), KY: whole(4), R: p[5].Number,
		InputBits: p[6].Text, OutputBits: p[7].Text, Arch: p[8].Text, Modules: p[9].Text, Hidden: whole(10), Depth: whole(11),
		Rule: p[12].Text, Gamma: p[13].Number, Beta: p[14].Number, LR: p[15].Number, InitScale: p[16].Number,
		Steps: whole(17), TrainExamples: whole(18), Batch: whole(19), Precision: precision,
	}
	var n []float64
	for _, v := range s {
		n = append(n, v.Number)
	}
	run.State = stateOf(n)
	run.THalf = timesOf(n[15:])
	run.Prediction = s[23].Text
	run.Predicted.Train = lossesOf(n[24:])
	run.Predicted.Quadrants, run.Predicted.Modes, run.Predicted.Systematicity = quadrantsOf(n[27:]), results.Kinds(n[31:35]), n[35]
	run.PredTHalf = timesOf(n[36:])
}

func stateOf(n []float64) results.State {
	return results.State{Train: lossesOf(n), Test: lossesOf(n[3:]), Quadrants: quadrantsOf(n[6:]), Modes: results.Kinds(n[10:14]), Systematicity: n[14]}
}

func lossesOf(n []float64) results.Losses {
	return results.Losses{Total: n[0], Omega: n[1], Gamma: n[2]}
}

func quadrantsOf(n []float64) results.Quadrants {
	return results.Quadrants{OmegaOmega: n[0], GammaOmega: n[1], OmegaGamma: n[2], GammaGamma: n[3]}
}

func timesOf(n []float64) results.Times {
	return results.Times{Modes: results.Kinds(n[:4]), Quadrants: quadrantsOf(n[4:])}
}
