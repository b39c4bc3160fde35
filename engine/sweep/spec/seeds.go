package spec

import (
	"fmt"
	"math"
	"math/big"

	"modspec/engine/yamlfile"
)

// Seeds are the repeats of every point: First, First+1, … (Count of them), or
// those of a list.
type Seeds struct {
	First uint64
	Count int
	List  []uint64 // if not nil, the seeds themselves
}

// maxSeed is the largest seed, here as in modspec train and in the tables, which
// hold all 64 bits.
const maxSeed uint64 = math.MaxUint64

// Len returns the number of seeds.
func (s Seeds) Len() int {
	if s.List != nil {
		return len(s.List)
	}
	return s.Count
}

// At returns seed i, 0 ≤ i < Len().
func (s Seeds) At(i int) uint64 {
	if s.List != nil {
		return s.List[i]
	}
	return s.First + uint64(i)
}

// readSeeds reads a count, a list, or {min, max}.
func (r *reader) readSeeds(e yamlfile.Entry) {
	f, v := r.file, e.Value
	switch v.Kind {
	case yamlfile.Scalar:
		f.Seeds = Seeds{Count: whole(r, e, 1, MaxCopies)}
	case yamlfile.List:
		if len(v.Items) == 0 {
			r.Fault(v, "seeds is an empty list; name at least one, or write seeds: 10 for the seeds 0 to 9")
		}
		seen := map[uint64]int{}
		f.Seeds = Seeds{List: []uint64{}}
		for _, item := range v.Items {
			seed := whole(r, yamlfile.Entry{Key: e.Key, Value: item}, 0, maxSeed)
			if line, twice := seen[seed]; twice {
				r.Fault(item, "the seed %d stands here a second time; the first is on line %d", seed, line)
			}
			seen[seed] = item.Line
			f.Seeds.List = append(f.Seeds.List, seed)
		}
	case yamlfile.Mapping:
		keys := r.Keys(v, "key of seeds", []string{"min", "max"}, nil)
		lo, hasLo := keys["min"]
		hi, hasHi := keys["max"]
		if !hasLo || !hasHi {
			r.Fault(v, "seeds needs both min and max, such as seeds: {min: 0, max: 99}")
			return
		}
		first, last := whole(r, lo, 0, maxSeed), whole(r, hi, 0, maxSeed)
		if last < first {
			r.Fault(hi.Value, "max is %d, but must be at least min = %d", last, first)
			return
		}
		if last-first >= MaxCopies {
			count := new(big.Int).SetUint64(last - first) // one less: all seeds are 2⁶⁴
			r.Fault(hi.Value, "there are %d seeds, more than the %d copies that one file may have", count.Add(count, big.NewInt(1)), int64(MaxCopies))
			return
		}
		f.Seeds = Seeds{First: first, Count: int(last-first) + 1}
	default:
		r.Fault(v, "seeds is empty; write seeds: 10 for the seeds 0 to 9, seeds: [3, 7], or seeds: {min: 0, max: 99}")
	}
}

// String returns the seeds as a sweep file has them.
func (s Seeds) String() string {
	switch {
	case s.List != nil:
		text := "["
		for i, seed := range s.List {
			if i > 0 {
				text += ", "
			}
			text += fmt.Sprint(seed)
		}
		return text + "]"
	case s.First == 0:
		return fmt.Sprint(s.Count)
	}
	return fmt.Sprintf("{min: %d, max: %d}", s.First, s.First+uint64(s.Count)-1)
}
