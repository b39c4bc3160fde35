package sweep

import "fmt"

// Seeds are the repeats of every point: First, First+1, … (Count of them), or
// those of a list.
type Seeds struct {
	First uint64
	Count int
	List  []uint64 // if not nil, the seeds themselves
}

// maxSeed is the largest seed: every whole number up to it has one form in
// YAML, JSON and Parquet alike.
const maxSeed = maxWhole

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
func (r *reader) readSeeds(at, v *node) {
	f := r.file
	switch v.kind {
	case scalarNode:
		f.Seeds = Seeds{Count: int(r.whole(at, v, 1, MaxSweepCopies))}
	case listNode:
		if len(v.items) == 0 {
			r.fault(v, "seeds is an empty list; name at least one, or write seeds: 10 for the seeds 0 to 9")
		}
		seen := map[uint64]int{}
		f.Seeds = Seeds{List: []uint64{}}
		for _, item := range v.items {
			seed := uint64(r.whole(at, item, 0, maxSeed))
			if line, twice := seen[seed]; twice {
				r.fault(item, "the seed %d stands here a second time; the first is on line %d", seed, line)
			}
			seen[seed] = item.line
			f.Seeds.List = append(f.Seeds.List, seed)
		}
	case mappingNode:
		keys := r.keys(v, "key of seeds", []string{"min", "max"}, nil)
		lo, hasLo := keys["min"]
		hi, hasHi := keys["max"]
		if !hasLo || !hasHi {
			r.fault(v, "seeds needs both min and max, such as seeds: {min: 0, max: 99}")
			return
		}
		first, last := r.whole(lo.key, lo.value, 0, maxSeed), r.whole(hi.key, hi.value, 0, maxSeed)
		if last < first {
			r.fault(hi.value, "max is %s, but must be at least min = %s", number(last), number(first))
			return
		}
		if last-first >= MaxSweepCopies {
			r.fault(hi.value, "there are %s seeds, more than the %d copies that one file may have", number(last-first+1), int64(MaxSweepCopies))
			return
		}
		f.Seeds = Seeds{First: uint64(first), Count: int(last-first) + 1}
	default:
		r.fault(v, "seeds is empty; write seeds: 10 for the seeds 0 to 9, seeds: [3, 7], or seeds: {min: 0, max: 99}")
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
