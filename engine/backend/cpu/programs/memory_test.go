package programs

import (
	"runtime"
	"testing"

	"modspec/engine/kind/images"
	"modspec/engine/program"
	"modspec/engine/random"
	kinds "modspec/engine/train"
)

// TestMemoryOfImages: what is alive as a run on images ends is what Memory reckons, and no
// less than half of it. The digits, 55 MB of bytes, are those of the set and nowhere else:
// one copy in float32 would be four times as much as all that is alive beside them.
func TestMemoryOfImages(t *testing.T) {
	kind := images.Kind{}
	setting, err := kinds.NewSetting(kind)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"arch": "100>relu>both", "data": "../../../../testdata/mnist", "train": "500", "test": "100"} {
		i := kind.Parameters().Index(name)
		value, err := kinds.ReadValue(kind, &kind.Parameters()[i], text)
		if err != nil {
			t.Fatal(err)
		}
		setting.Set(i, value)
	}
	model, err := kind.Resolve(setting)
	if err != nil {
		t.Fatal(err)
	}
	sink := &aliveSink{before: alive()}
	training, err := model.Program()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Threads: 1}
	reckoned, err := Memory(training, o, 1)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[*byte]int{}
	for _, p := range []*program.Program{training.Start, training.Step, training.Observe} {
		for i := range p.Nodes {
			if n := &p.Nodes[i]; n.Bytes != nil {
				tables[&n.Bytes[0]] = len(n.Bytes)
			}
		}
	}
	for _, n := range tables {
		reckoned -= float64(n)
	}
	e, err := Compile(training, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Train(t.Context(), []program.Run{model.Run(random.Stream{Seed: 1})}, 1, []int{0, 1}, sink); err != nil {
		t.Fatal(err)
	}
	got := float64(sink.most)
	t.Logf("%.0f bytes alive, %.0f reckoned, beside %d tables", got, reckoned, len(tables))
	if len(tables) != 2 || got > reckoned || reckoned > 2*got {
		t.Errorf("%.0f bytes are alive, %.0f reckoned, beside %d tables; want two, of training and of tests", got, reckoned, len(tables))
	}
}

// aliveSink looks at what is alive as a run ends.
type aliveSink struct {
	discard
	before, most uint64
}

func (s *aliveSink) Finish(int, int, bool, [][]float64) error {
	s.most = alive() - s.before
	return nil
}

// alive returns the bytes that are reachable.
func alive() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
