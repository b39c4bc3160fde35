package space

import (
	"fmt"
	"math"
	"strings"

	"modspec/engine/number"
)

// A Shard is one of Count equal parts of a sweep: the copies whose number leaves
// Index−1 when divided by Count. Shards of one sweep share no copy and together
// have all of them. The zero Shard is the whole sweep.
type Shard struct {
	Index int `json:"index"` // 1 to Count
	Count int `json:"count"`
}

// ParseShard reads a shard as String writes it, such as "2/4". An error follows
// what the text is called: "is …".
func ParseShard(text string) (s Shard, err error) {
	index, count, ok := strings.Cut(text, "/")
	if !ok {
		return s, fmt.Errorf("is %s, but must have the form i/n, such as 2/8", number.Quote(text))
	}
	if s.Index, err = number.Digits(index, 1, math.MaxInt); err == nil {
		s.Count, err = number.Digits(count, 1, math.MaxInt)
	}
	if err != nil {
		return Shard{}, fmt.Errorf("is %s, of which one number %w", number.Quote(text), err)
	}
	if err := s.Check(); err != nil {
		return Shard{}, fmt.Errorf("is %s: %w", number.Quote(text), err)
	}
	return s, nil
}

// Check returns an error if there is no such shard.
func (s Shard) Check() error {
	if s == (Shard{}) {
		return nil
	}
	if s.Count < 1 || s.Index < 1 || s.Index > s.Count {
		return fmt.Errorf("shard %d/%d does not exist: the first number must be 1 to the second", s.Index, s.Count)
	}
	return nil
}

// Has reports whether a copy number belongs to the shard.
func (s Shard) Has(number int) bool {
	return s.Count < 2 || number%s.Count == s.Index-1
}

// from returns the first number from n on that belongs to the shard.
func (s Shard) from(n int) int {
	if s.Count < 2 {
		return n
	}
	return n + (s.Index-1-n%s.Count+s.Count)%s.Count
}

// Of returns how many of the first n copies belong to the shard.
func (s Shard) Of(n int) int {
	if s.Count < 2 {
		return n
	}
	return (n + s.Count - s.Index) / s.Count
}

// String returns "2/4", or "1/1" for the whole sweep.
func (s Shard) String() string {
	if s.Count < 2 {
		return "1/1"
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Count)
}
