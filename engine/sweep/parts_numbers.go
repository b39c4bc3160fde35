package sweep

import (
	"encoding/json"
	"fmt"
	"math/bits"
)

// A stretch is the copy numbers First, First+Stride, … Last. A part of a whole
// sweep is one stretch, and so is one of a shard.
type stretch struct{ First, Last, Stride int }

// MarshalJSON writes [first, last, stride].
func (s stretch) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]int{s.First, s.Last, s.Stride})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses what it never would.
func (s *stretch) UnmarshalJSON(data []byte) error {
	var v []int
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if len(v) != 3 || v[0] < 0 || v[1] < v[0] || v[2] < 1 || (v[1]-v[0])%v[2] != 0 || v[0] == v[1] && v[2] != 1 {
		return fmt.Errorf("copy numbers %v are not [first, last, stride]", v)
	}
	*s = stretch{v[0], v[1], v[2]}
	return nil
}

// len returns how many numbers there are.
func (s stretch) len() int { return (s.Last-s.First)/s.Stride + 1 }

// stretches returns ascending numbers as few stretches.
func stretches(numbers []int) []stretch {
	var list []stretch
	for i := 0; i < len(numbers); {
		s := stretch{numbers[i], numbers[i], 1}
		if i+1 < len(numbers) {
			s.Stride = numbers[i+1] - numbers[i]
		}
		for i++; i < len(numbers) && numbers[i] == s.Last+s.Stride; i++ {
			s.Last = numbers[i]
		}
		if s.First == s.Last {
			s.Stride = 1
		}
		list = append(list, s)
	}
	return list
}

// numberSet is a set of copy numbers, a bit each: a million copies take 125 kB.
type numberSet struct {
	words []uint64
	count int
}

func (s *numberSet) has(n int) bool {
	return n/64 < len(s.words) && s.words[n/64]>>(n%64)&1 == 1
}

// add puts a number in and reports whether it was new.
func (s *numberSet) add(n int) bool {
	if s.has(n) {
		return false
	}
	for n/64 >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[n/64] |= 1 << (n % 64)
	s.count++
	return true
}

// addAll puts the numbers of stretches in. It returns the first that was there
// already, or −1; all others are in then too.
func (s *numberSet) addAll(list []stretch) int {
	again := -1
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if !s.add(n) && again < 0 {
				again = n
			}
		}
	}
	return again
}

// first returns the first of the numbers that the set has, or −1.
func (s *numberSet) first(list []stretch) int {
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if s.has(n) {
				return n
			}
		}
	}
	return -1
}

// meets reports whether the set has one of the numbers.
func (s *numberSet) meets(list []stretch) bool { return s.first(list) >= 0 }

// remove takes the numbers of stretches out.
func (s *numberSet) remove(list []stretch) {
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if s.has(n) {
				s.words[n/64] &^= 1 << (n % 64)
				s.count--
			}
		}
	}
}

// sorted returns the numbers in ascending order.
func (s *numberSet) sorted() []int {
	list := make([]int, 0, s.count)
	for w, word := range s.words {
		for ; word != 0; word &= word - 1 {
			list = append(list, w*64+bits.TrailingZeros64(word))
		}
	}
	return list
}
