//go:build gpu

package cuda

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"modspec/engine/cuda/cudatest"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/engine/train"
)

// passageKeeper keeps what a PassageRecorder is told. Copies without goals are
// observed.
type passageKeeper struct {
	job        *linear.Job
	goals      map[int]*linear.Marks
	weightless bool
	runs       []linear.Run
	passed     []int // calls of Pass
	last       []*linear.Observation
	reached    []linear.Marks
	wrong      []string
}

func newPassageKeeper(j *linear.Job) *passageKeeper {
	n := len(j.Copies)
	return &passageKeeper{
		job: j, goals: map[int]*linear.Marks{}, runs: make([]linear.Run, n), passed: make([]int, n),
		last: make([]*linear.Observation, n), reached: make([]linear.Marks, n),
	}
}

func (k *passageKeeper) Weightless() bool             { return k.weightless }
func (k *passageKeeper) Goals(copy int) *linear.Marks { return k.goals[copy] }

func (k *passageKeeper) Observe(copy int, o linear.Observation) error {
	if k.goals[copy] != nil {
		k.wrong = append(k.wrong, "a copy with goals is observed")
	}
	k.runs[copy].Trajectory = append(k.runs[copy].Trajectory, o)
	return nil
}

func (k *passageKeeper) Pass(copy int, last *linear.Observation, reached linear.Marks) error {
	if k.goals[copy] == nil {
		k.wrong = append(k.wrong, "Pass is called for a copy without goals")
	}
	k.passed[copy]++
	k.last[copy], k.reached[copy] = last, reached
	return nil
}

func (k *passageKeeper) Finish(copy int, f linear.Final) error {
	if want := k.goals[copy] != nil; (k.passed[copy] == 1) != want {
		k.wrong = append(k.wrong, "Finish comes without Pass before it")
	}
	k.runs[copy].Final = f
	return nil
}

// marksOf lists the values of an observation that goals are for, quadrants first.
func marksOf(o linear.Observation) []float64 {
	q := o.Quadrants
	return append([]float64{q.OmegaOmega, q.GammaOmega, q.OmegaGamma, q.GammaGamma}, o.Modes...)
}

func listOf(m linear.Marks) []float64 {
	return marksOf(linear.Observation{Quadrants: m.Quadrants, Modes: m.Modes})
}

// firstPassage is when a value first was not below its goal, from a whole trajectory.
func firstPassage(run linear.Run, at int, goal float64) float64 {
	for k, o := range run.Trajectory {
		value := marksOf(o)[at]
		if !(value >= goal) {
			continue
		}
		if k == 0 {
			return float64(o.Step)
		}
		before := run.Trajectory[k-1]
		low, high := marksOf(before)[at], value
		if at < 4 {
			low, high, goal = math.Sqrt(low), math.Sqrt(high), math.Sqrt(goal)
		}
		return float64(before.Step) + (goal-low)/(high-low)*float64(o.Step-before.Step)
	}
	return math.NaN()
}

// A recorder that waits for passages is told, for every copy, the last observation and
// the times that the whole trajectory of the same copy gives, also for copies that
// diverge, module by module at different steps.
//
// A time is made of a quotient of differences and a product, the same operations on
// the same numbers on either side but for a fused multiply-add and the last bits of
// roots: five roundings of (goal − low)/(high − low), whose differences cancel by
// at most high/(high − low), times the steps between records.
func TestPassagesAreThoseOfTheTrajectory(t *testing.T) {
	cudatest.NeedDevice(t)
	for _, arch := range []network.Architecture{network.Dense(7), network.Split(5), network.Shallow(), network.Partitioned(4, 3)} {
		j := severalPoints(t, arch, 24, 60)
		j.Schedule = train.Schedule{Every: 2}
		for i := range j.Copies {
			j.Copies[i].LearningRate = []float64{0.1, 0.2, 3, 0.3, 40, 1e30}[i%6]
		}
		for _, precision := range []Precision{Float32, Float64} {
			want := collected(t, opened(t, Options{Precision: precision}), j)
			for _, weightless := range []bool{false, true} {
				keeper := newPassageKeeper(j)
				keeper.weightless = weightless
				for i, run := range want {
					if i%7 == 3 {
						continue // observed
					}
					half := linear.Marks{Quadrants: nowhere}
					for range modesOf(t, j, i) {
						half.Modes = append(half.Modes, math.NaN())
					}
					if n := len(run.Trajectory); n > 0 {
						end := run.Trajectory[n/2]
						half.Quadrants = end.Quadrants.Scale(0.25)
						half.Modes = slices.Clone(end.Modes)
						for m := range half.Modes {
							half.Modes[m] /= 2
						}
					}
					keeper.goals[i] = &half
				}
				b := opened(t, Options{Precision: precision})
				b.most.steps = 7
				if err := b.Train(context.Background(), j, keeper); err != nil {
					t.Fatal(err)
				}
				for _, wrong := range keeper.wrong {
					t.Error(wrong)
				}
				for i, run := range want {
					comparePassages(t, keeper, i, run)
				}
			}
		}
	}
}

func modesOf(t *testing.T, j *linear.Job, i int) []float64 {
	t.Helper()
	task, err := newTask(j.Architecture, j.Copies[i].Task, j.Copies[i].Rule)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for m := range task.modules {
		n += int(task.modules[m].shape.modes)
	}
	return make([]float64, n)
}

func comparePassages(t *testing.T, k *passageKeeper, i int, want linear.Run) {
	t.Helper()
	got := k.runs[i]
	got.Trajectory = want.Trajectory
	if k.goals[i] == nil {
		got.Trajectory = k.runs[i].Trajectory
	}
	if k.weightless {
		if got.Final.Weights != nil {
			t.Errorf("copy %d: there are weights that nobody wants", i)
		}
		got.Final.Weights = want.Final.Weights
	}
	agree(t, "with passages", []linear.Run{got}, []linear.Run{want})
	if k.goals[i] == nil {
		return
	}
	n := len(want.Trajectory)
	if (k.last[i] == nil) != (n == 0) {
		t.Fatalf("copy %d: the last observation is %v after %d", i, k.last[i], n)
	}
	if n > 0 {
		last := want.Trajectory[n-1]
		agree(t, "last observation", []linear.Run{{Trajectory: []linear.Observation{*k.last[i]}}}, []linear.Run{{Trajectory: []linear.Observation{last}}})
	}
	reached, goals := listOf(k.reached[i]), listOf(*k.goals[i])
	if len(reached) != len(goals) {
		t.Fatalf("copy %d: %d values were reached of %d", i, len(reached), len(goals))
	}
	for at, goal := range goals {
		time := firstPassage(want, at, goal)
		cancellation := 1.0
		for s := 1; s < n; s++ {
			low, high := marksOf(want.Trajectory[s-1])[at], marksOf(want.Trajectory[s])[at]
			if low < goal && high >= goal {
				if at < 4 {
					low, high = math.Sqrt(low), math.Sqrt(high)
				}
				cancellation = (math.Abs(high) + math.Abs(low)) / (high - low)
				break
			}
		}
		bound := 10 * 0x1p-53 * (cancellation*float64(k.job.Schedule.Every) + float64(k.job.Steps))
		if !(math.Abs(reached[at]-time) <= bound) && !(math.IsNaN(reached[at]) && math.IsNaN(time)) {
			t.Errorf("copy %d (diverged %v at %d): value %d reached %v at %v, want %v", i, want.Final.Diverged, want.Final.Step, at, goal, reached[at], time)
		}
	}
}

// Initial weights are told before anything else of a copy, and are those of
// network.Initial or the copy's own, bit by bit; by several goroutines only to a
// recorder that allows it.
func TestStartsComeFirst(t *testing.T) {
	cudatest.NeedDevice(t)
	for _, concurrent := range []bool{false, true} {
		j := severalPoints(t, network.Split(5, 3), 41, 9)
		k := &startKeeper{passageKeeper: newPassageKeeper(j), starts: make([]*network.Weights, len(j.Copies)), t: t, concurrent: concurrent}
		b := opened(t, Options{})
		b.most = limits{9, 2, 4}
		if err := b.Train(context.Background(), j, k); err != nil {
			t.Fatal(err)
		}
		for i := range j.Copies {
			_, want, err := j.Start(i)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, "starts", []linear.Run{{Final: linear.Final{Weights: k.starts[i]}}}, []linear.Run{{Final: linear.Final{Weights: want}}})
		}
	}
}

// An error of Start ends the run and is the last call, or among the last where several
// may come at once.
func TestAnErrorOfStartEndsTheRun(t *testing.T) {
	cudatest.NeedDevice(t)
	full := errors.New("the disk is full")
	for _, concurrent := range []bool{false, true} {
		j := severalPoints(t, network.Dense(5), 23, 9)
		k := &startKeeper{passageKeeper: newPassageKeeper(j), starts: make([]*network.Weights, len(j.Copies)), t: t, concurrent: concurrent, fails: 7, full: full}
		if err := opened(t, Options{}).Train(context.Background(), j, k); !errors.Is(err, full) {
			t.Errorf("the error is %v, want the recorder's", err)
		}
		if calls := int(k.calls.Load()); !concurrent && calls > 8 {
			t.Errorf("%d calls of Start followed the one that failed", calls-8)
		}
	}
}

// startKeeper keeps initial weights too. Its Start may be called by several
// goroutines at once, and objects where it was not to be.
type startKeeper struct {
	*passageKeeper
	starts     []*network.Weights
	t          *testing.T
	concurrent bool
	inside     atomic.Int64
	calls      atomic.Int64
	fails      int64 // the call that fails, from 1; 0: none
	full       error
}

func (k *startKeeper) ConcurrentStarts() bool { return k.concurrent }

func (k *startKeeper) Start(copy int, w *network.Weights) error {
	if k.inside.Add(1) > 1 && !k.concurrent {
		k.t.Error("two calls of Start come at once")
	}
	defer k.inside.Add(-1)
	if k.starts[copy] != nil {
		k.t.Errorf("copy %d starts twice", copy)
	}
	k.starts[copy] = w.Clone()
	if n := k.calls.Add(1); k.fails > 0 && n > k.fails {
		return k.full
	}
	return nil
}

func (k *startKeeper) Observe(copy int, o linear.Observation) error {
	if k.starts[copy] == nil {
		k.t.Errorf("copy %d is observed before it starts", copy)
	}
	return k.passageKeeper.Observe(copy, o)
}
