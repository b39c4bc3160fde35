package programs

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"modspec/engine/train/cpu/asm"
)

func TestZZProfile(t *testing.T) {
	g, _ := strconv.Atoi(os.Getenv("G"))
	r, _ := strconv.Atoi(os.Getenv("R"))
	if r == 0 {
		t.Skip()
	}
	m := mixture{encoding: 32, width: 128, batch: 256, rules: r, gate: gate(g), optimizer: adam}
	tr := m.training(t)
	e, err := newExecutable[float32](tr, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mm := newMachine(asm.Sets[float32]()[0], tr.Variables, e.start, e.step)
	mm.begin(run(1))
	mm.step = -1
	mm.execute(e.start)
	mm.step = 0
	best := make([]time.Duration, len(e.step.instructions))
	for i := range best {
		best[i] = time.Hour
	}
	for range 300 {
		mm.constants = e.step.constants
		for i, in := range e.step.instructions {
			s := time.Now()
			in.run(mm)
			best[i] = min(best[i], time.Since(s))
		}
		mm.step++
	}
	total := time.Duration(0)
	pk := peak(mm.k)
	byKind := map[string]time.Duration{}
	for i, in := range e.step.instructions {
		total += best[i]
		d := ""
		switch x := in.(type) {
		case *product[float32]:
			w := float64(x.batch * x.m * x.k * x.n)
			d = fmt.Sprintf("%d x %d×%d×%d tx %v ty %v  %.0f%%", x.batch, x.m, x.k, x.n, x.xColumn != 1, x.yColumn != 1, 100*w/best[i].Seconds()/pk)
		case *chain[float32]:
			d = fmt.Sprint(x.size, " steps")
			for _, s := range x.steps {
				d += fmt.Sprint(" ", s.function)
			}
			for _, o := range x.operands {
				if o.form != 0 {
					d += fmt.Sprint(" form", o.form, "/", o.every)
				}
			}
			d += fmt.Sprintf(" %.2f ns/el", best[i].Seconds()*1e9/float64(x.size))
		case *sum[float32]:
			d = fmt.Sprint(x.before, x.length, x.after)
		}
		byKind[fmt.Sprintf("%T", in)] += best[i]
		fmt.Printf("%8v %T %s\n", best[i], in, d)
	}
	fmt.Println(total, byKind, e.step.workspace)
	fmt.Printf("share %.1f%%\n", 100*float64(tr.Step.Cost().Products)/total.Seconds()/pk)
}
