package space

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"modspec/engine/results"
	"modspec/engine/sweep/spec"
	"modspec/engine/train"
)

// A Space is the points of a sweep, numbered from 0 in the order of its
// candidates, and the groups that they form. It holds an index and no points:
// eight bytes a point, whatever the number of seeds. Points are computed when
// they are asked for.
type Space struct {
	File       *spec.File
	Skipped    int      // candidates that cannot be trained, left out by skip_invalid
	Reasons    []Reason // why, most frequent first
	Duplicates int      // candidates equal to an earlier one, left out
	Groups     []Group  // in the order of their first points

	kept        []uint32 // the candidate of each point, ascending
	fingerprint [sha256.Size]byte
}

// A Reason is why candidates were skipped, and how many were.
type Reason struct {
	Message string
	Count   int
}

// maxReasons bounds the distinct reasons that are kept; the rest count as "other
// reasons". A message names values, so a random sweep can have very many.
const maxReasons = 1000

// Enumerate finds out which candidates of a file are points: it turns every one
// into a model, as it will be trained. Candidates that cannot
// be are left out and counted if the file says skip_invalid, and are an error of
// type [yamlfile.Faults] otherwise. Candidates that come to the same parameters as an
// earlier one are left out and counted.
//
// A grid with a run_cap keeps its first so many points; Skipped and Duplicates
// then count the candidates before the last one kept.
//
// It takes microseconds a candidate on each core and returns the context's error
// when it is cancelled.
func Enumerate(ctx context.Context, f *spec.File) (*Space, error) {
	survey, err := takeSurvey(ctx, f)
	if err == errTooManyShapes {
		return nil, f.Refuse(err.Error())
	}
	if err != nil {
		return nil, err
	}
	s := &Space{File: f}
	if err := s.keep(survey); err != nil {
		return nil, err
	}
	if len(s.kept) == 0 {
		return nil, f.Refuse(fmt.Sprintf("none of the %d points can be trained; the most frequent reason: %s", f.Candidates(), s.Reasons[0].Message))
	}
	if err := survey.checkUsed(f); err != nil {
		return nil, err
	}
	s.group(survey)
	return s, nil
}

// keep decides which candidates stay, from the survey of all.
func (s *Space) keep(v *survey) error {
	f := s.File
	first, err := v.firstOfEach(f)
	if err != nil {
		return err
	}
	sum := sha256.New()
	sum.Write([]byte("modspec sweep 1\n" + f.Terms()))
	for i, group := range v.groups {
		if f.Method == spec.Grid && f.RunCap > 0 && len(s.kept) == f.RunCap {
			break
		}
		switch {
		case group == invalidCandidate && !f.SkipInvalid:
			_, err := f.Model(i)
			return f.Refuse(fmt.Sprintf("the point %s cannot be trained: %v; change the values, or write skip_invalid: true to leave such points out", f.Describe(f.Candidate(i)), err))
		case group == invalidCandidate:
			s.Skipped++
		case !first[i]:
			s.Duplicates++
		default:
			s.kept = append(s.kept, uint32(i))
			sum.Write(binary.BigEndian.AppendUint64(nil, v.hashes[i]))
		}
	}
	sum.Sum(s.fingerprint[:0])
	s.Reasons = v.reasonList()
	return nil
}

// checkUsed refuses a parameter that is given but has no meaning at any point:
// what was meant by it is then not in the sweep at all.
func (v *survey) checkUsed(f *spec.File) error {
	for p, why := range v.ignored {
		if f.Gives(p) && why != "" && !v.used[p] {
			return f.RefuseParameter(p, fmt.Sprintf("has no effect at any point: %s; leave it out", why))
		}
	}
	return nil
}

// Len returns the number of points.
func (s *Space) Len() int { return len(s.kept) }

// Copies returns the number of module copies, points × seeds.
func (s *Space) Copies() int { return s.Len() * s.File.Seeds.Len() }

// Point returns the parameters of point i, in their one form ([train.Model.Parameters]).
// Like indexing, it panics unless 0 ≤ i < Len().
func (s *Space) Point(i int) []results.Value { return s.model(i).Parameters() }

func (s *Space) model(i int) train.Model {
	m, err := s.File.Model(int(s.kept[i]))
	if err != nil {
		panic(err) // the survey has resolved this very point before
	}
	return m
}

// Fingerprint names what the sweep trains and records: every point in order,
// seeds, schedule and precision, 64 hexadecimal digits. Two files with one
// fingerprint are the same sweep, however they are written; a later version of
// the program under which one file came to mean another sweep would show here.
func (s *Space) Fingerprint() string { return hex.EncodeToString(s.fingerprint[:]) }

// reasonList returns the reasons, most frequent first.
func (v *survey) reasonList() []Reason {
	var list []Reason
	for message, count := range v.reasons {
		list = append(list, Reason{message, count})
	}
	slices.SortFunc(list, func(a, b Reason) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Message, b.Message)
	})
	return list
}
