package space

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// survey is what one look at every candidate found.
type survey struct {
	groups []int32  // number of the candidate's shape, or invalidCandidate
	hashes []uint64 // of its parameters
	shapes []string // by number, in whatever order they were met
	use
	reasons map[string]int
}

const invalidCandidate = -1

// use says which given parameters have a meaning for some model, and why the others have none.
type use struct {
	used    []bool
	ignored []string
}

func newUse(parameters int) use { return use{make([]bool, parameters), make([]string, parameters)} }

// take notes what the model of a setting uses.
func (u *use) take(s train.Setting, m train.Model) {
	for p := range u.used {
		if u.used[p] {
			continue
		}
		u.ignored[p] = train.Ignored(m, s, p)
		u.used[p] = u.ignored[p] == ""
	}
}

// add notes what others used.
func (u *use) add(o use) {
	for p := range u.used {
		u.used[p] = u.used[p] || o.used[p]
		u.ignored[p] = cmp.Or(u.ignored[p], o.ignored[p])
	}
}

// surveyBlock is how many candidates a worker takes at a time: a millisecond or
// so of work, so that a cancelled survey ends at once.
const surveyBlock = 512

// takeSurvey looks at every candidate, on all cores.
func takeSurvey(ctx context.Context, f *spec.File) (*survey, error) {
	n := f.Candidates()
	v := &survey{groups: make([]int32, n), hashes: make([]uint64, n), use: newUse(len(f.Kind.Parameters())), reasons: map[string]int{}}
	numbers := &shapeNumbers{known: map[string]int32{}}
	var mu sync.Mutex
	var failed error
	next := 0
	take := func() (lo, hi int, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		lo = next
		next = min(next+surveyBlock, n)
		return lo, next, lo < n && failed == nil && ctx.Err() == nil
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n/surveyBlock+1) {
		workers.Go(func() {
			part := newSurveyor(f, v, numbers)
			var err error
			for lo, hi, ok := take(); ok && err == nil; lo, hi, ok = take() {
				for i := lo; i < hi && err == nil; i++ {
					err = part.look(i)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			failed = cmp.Or(failed, err)
			part.addTo(v)
		})
	}
	workers.Wait()
	if err := cmp.Or(ctx.Err(), failed); err != nil {
		return nil, err
	}
	v.shapes = numbers.shapes
	return v, nil
}

// surveyor is one worker of a survey.
type surveyor struct {
	file    *spec.File
	survey  *survey
	numbers *shapeNumbers
	known   map[string]int32 // those of numbers that this worker has met
	use
	reasons map[string]int
	text    []byte
}

func newSurveyor(f *spec.File, v *survey, numbers *shapeNumbers) *surveyor {
	return &surveyor{file: f, survey: v, numbers: numbers, known: map[string]int32{}, use: newUse(len(f.Kind.Parameters())), reasons: map[string]int{}}
}

// look resolves one candidate and notes what it is.
func (s *surveyor) look(i int) error {
	candidate := s.file.Candidate(i)
	m, err := s.file.Kind.Resolve(candidate)
	if err != nil {
		s.survey.groups[i] = invalidCandidate
		count(s.reasons, err.Error(), 1)
		return nil
	}
	s.text = appendModel(s.text[:0], s.file, m)
	sum := sha256.Sum256(s.text)
	s.survey.hashes[i] = binary.BigEndian.Uint64(sum[:])
	shape := m.Shape()
	number, ok := s.known[shape]
	if !ok {
		if number, ok = s.numbers.of(shape); !ok {
			return errTooManyShapes
		}
		s.known[shape] = number
	}
	s.survey.groups[i] = number
	s.take(candidate, m)
	return nil
}

// addTo adds what a worker found to the survey; the caller holds its lock.
func (s *surveyor) addTo(v *survey) {
	for message, n := range s.reasons {
		count(v.reasons, message, n)
	}
	v.add(s.use)
}

// count adds n to a reason, or to the rest once there are too many.
func count(reasons map[string]int, message string, n int) {
	if _, known := reasons[message]; !known && len(reasons) >= maxReasons {
		message = "other reasons"
	}
	reasons[message] += n
}

// shapeNumbers numbers shapes for all workers.
type shapeNumbers struct {
	mu     sync.Mutex
	known  map[string]int32
	shapes []string
}

// of returns the number of a shape, or false once there are too many.
func (n *shapeNumbers) of(s string) (int32, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	number, ok := n.known[s]
	if !ok {
		if len(n.shapes) == MaxShapes {
			return 0, false
		}
		number = int32(len(n.shapes))
		n.known[s] = number
		n.shapes = append(n.shapes, s)
	}
	return number, true
}

// MaxShapes bounds the different shapes of one sweep, each of which is planned
// for and trained by itself. It keeps the plan of any file to 100 MB.
const MaxShapes = 1 << 16

var errTooManyShapes = fmt.Errorf("the sweep's networks have more than %d different shapes (dimensions, architectures, rules, steps, batches), each of which is trained by itself; name fewer values of those", MaxShapes)

// firstOfEach marks the candidates that are equal to no earlier one. Of
// equal hashes the parameters themselves are compared, so that no point is lost to a
// collision.
func (v *survey) firstOfEach(f *spec.File) ([]bool, error) {
	first := make([]bool, len(v.groups))
	order := make([]uint32, 0, len(v.groups))
	for i, g := range v.groups {
		if g != invalidCandidate {
			first[i] = true
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(v.hashes[a], v.hashes[b]), cmp.Compare(a, b))
	})
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && v.hashes[order[hi]] == v.hashes[order[lo]] {
			hi++
		}
		if hi-lo > 1 {
			if err := markRepeats(f, order[lo:hi], first); err != nil {
				return nil, err
			}
		}
		lo = hi
	}
	return first, nil
}

// markRepeats compares candidates of one hash, ascending, by their parameters.
func markRepeats(f *spec.File, candidates []uint32, first []bool) error {
	seen := map[string]bool{}
	for _, i := range candidates {
		m, err := f.Model(int(i))
		if err != nil {
			return err
		}
		text := string(appendModel(nil, f, m))
		first[i] = !seen[text]
		seen[text] = true
	}
	return nil
}
