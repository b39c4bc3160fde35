// Package numberset has sets of numbers of copies: as bits in memory, and as stretches in a
// journal.
package numberset

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
)

// A Stretch is the numbers First, First+Stride, … Last. A part of a whole
// sweep is one stretch, and so is one of a shard.
type Stretch struct{ First, Last, Stride int }

// MarshalJSON writes [first, last, stride].
func (s Stretch) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]int{s.First, s.Last, s.Stride})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses what it never would.
func (s *Stretch) UnmarshalJSON(data []byte) error {
	var v []int
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if len(v) != 3 || v[0] < 0 || v[1] < v[0] || v[2] < 1 || (v[1]-v[0])%v[2] != 0 || v[0] == v[1] && v[2] != 1 {
		return fmt.Errorf("copy numbers %v are not [first, last, stride]", v)
	}
	*s = Stretch{v[0], v[1], v[2]}
	return nil
}

// Len returns how many numbers there are.
func (s Stretch) Len() int { return (s.Last-s.First)/s.Stride + 1 }

// Stretches returns ascending numbers as few stretches.
func Stretches(numbers []int) []Stretch {
	var list []Stretch
	for i := 0; i < len(numbers); {
		s := Stretch{numbers[i], numbers[i], 1}
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

// A Set is a set of copy numbers, a bit each: a million copies take 125 kB.
type Set struct {
	words []uint64
	count int
}

// Len returns how many numbers are in the set.
func (s *Set) Len() int { return s.count }

// Clone returns a copy of the set.
func (s *Set) Clone() Set { return Set{slices.Clone(s.words), s.count} }

// Has reports whether a number is in the set.
func (s *Set) Has(n int) bool {
	return n/64 < len(s.words) && s.words[n/64]>>(n%64)&1 == 1
}

// Add puts a number in and reports whether it was new.
func (s *Set) Add(n int) bool {
	if s.Has(n) {
		return false
	}
	for n/64 >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[n/64] |= 1 << (n % 64)
	s.count++
	return true
}

// AddAll puts the numbers of stretches in. It returns the first that was there
// already, or −1; all others are in then too.
func (s *Set) AddAll(list []Stretch) int {
	again := -1
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if !s.Add(n) && again < 0 {
				again = n
			}
		}
	}
	return again
}

// First returns the first of the numbers that the set has, or −1.
func (s *Set) First(list []Stretch) int {
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if s.Has(n) {
				return n
			}
		}
	}
	return -1
}

// Meets reports whether the set has one of the numbers.
func (s *Set) Meets(list []Stretch) bool { return s.First(list) >= 0 }

// Remove takes the numbers of stretches out.
func (s *Set) Remove(list []Stretch) {
	for _, l := range list {
		for n := l.First; n <= l.Last; n += l.Stride {
			if s.Has(n) {
				s.words[n/64] &^= 1 << (n % 64)
				s.count--
			}
		}
	}
}

// Sorted returns the numbers in ascending order.
func (s *Set) Sorted() []int {
	list := make([]int, 0, s.count)
	for w, word := range s.words {
		for ; word != 0; word &= word - 1 {
			list = append(list, w*64+bits.TrailingZeros64(word))
		}
	}
	return list
}
