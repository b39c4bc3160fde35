package columns

import (
	"testing"
)

// BenchmarkDiagram asks a folder of a million copies for a phase diagram of
// 20 × 20 cells in four panels: cold, with every column still in its files, and
// warm, as for the second question.
func BenchmarkDiagram(b *testing.B) {
	const rows = 1_000_000
	dir := b.TempDir()
	writeFolder(b, dir, rows, 1<<16, false)
	root := openRoot(b, dir)
	for _, c := range []struct {
		name string
		q    Question
	}{
		{"mean", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss", Stat: Mean, Facet: "arch"}},
		{"median", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss", Stat: Median, Facet: "arch"}},
		{"ratio", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "t_half_1", Over: "pred_t_half_1", Stat: Mean, Facet: "arch"}},
		{"filtered", Question{Table: linearRuns, X: Axis{Column: "kx"}, Y: Axis{Column: "ky"}, Value: "train_loss", Stat: Mean, Facet: "arch", Filter: filterOf(b, "r>=0.5", "seed!=3"), Theory: true}},
		{"bins", Question{Table: linearRuns, X: Axis{Column: "lr", Bins: 64, Log: true}, Y: Axis{Column: "r"}, Value: "train_loss", Stat: Mean, Facet: "arch"}},
		{"curves", Question{Table: linearRuns, X: Axis{Column: "kx"}, Value: "train_loss", Stat: Mean, Facet: "arch"}},
	} {
		ask := func(b *testing.B, table *Table) {
			v := viewFor(b, table, c.q.Columns())
			if _, err := v.Diagram(ctx, &c.q); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(c.name+"/cold", func(b *testing.B) {
			for range b.N {
				ask(b, NewStore(1<<30, 2).Table(root, ""))
			}
		})
		b.Run(c.name+"/warm", func(b *testing.B) {
			table := NewStore(1<<30, 2).Table(root, "")
			ask(b, table)
			b.ResetTimer()
			for range b.N {
				ask(b, table)
			}
		})
	}
}
