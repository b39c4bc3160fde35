package numberset

import (
	"maps"
	"slices"
	"testing"
)

func TestStretches(t *testing.T) {
	for _, numbers := range [][]int{{}, {5}, {0, 1, 2, 3}, {3, 7, 11}, {0, 1, 3, 4, 6, 7}, {0, 2, 3, 4, 100}} {
		list := Stretches(numbers)
		var set Set
		if again := set.AddAll(list); again >= 0 {
			t.Errorf("%v has %d twice", list, again)
		}
		if got := set.Sorted(); !slices.Equal(got, numbers) && len(numbers) > 0 {
			t.Errorf("%v gives %v, which are %v", numbers, list, got)
		}
		if len(numbers) > 0 && set.AddAll(list) != numbers[0] || set.count != len(numbers) {
			t.Errorf("%v: adding again was not noticed", numbers)
		}
		set.Remove(list)
		if set.count != 0 || set.Meets(list) {
			t.Errorf("%v: removing leaves %v", numbers, set.Sorted())
		}
	}
	if n := len(Stretches(slices.Sorted(maps.Keys(map[int]bool{0: true, 4: true, 8: true})))); n != 1 {
		t.Errorf("a shard's numbers are %d stretches", n)
	}
}

func TestStretchesThatNobodyWrites(t *testing.T) {
	for _, text := range []string{"[0,1]", "[3,1,1]", "[0,3,2]", "[-1,3,1]", "[0,3,0]", "[5,5,9223372036854775807]", `"x"`} {
		var s Stretch
		if err := s.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s is read as %v", text, s)
		}
	}
}

// TestCloneStandsAlone: neither of the two sets sees what the other takes in.
func TestCloneStandsAlone(t *testing.T) {
	var one Set
	one.Add(3)
	other := one.Clone()
	one.Add(4)
	other.Add(5)
	if !slices.Equal(one.Sorted(), []int{3, 4}) || !slices.Equal(other.Sorted(), []int{3, 5}) || one.Len() != 2 || other.Len() != 2 {
		t.Errorf("the sets hold %v and %v", one.Sorted(), other.Sorted())
	}
}
