package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"

	"modspec/engine/results"
	"modspec/engine/sweep/numberset"
)

// A ResultsDigest is a hash of what a folder's tables say, and how much they say.
type ResultsDigest struct {
	Hash   string `json:"digest"` // 64 hexadecimal digits
	Runs   int    `json:"runs"`
	Points int    `json:"trajectory_points"`
	Copies int    `json:"copies"` // of the whole sweep; Runs of them are there
}

// Digest hashes the results in a folder. The hash is of the rows as a set, so it
// does not depend on their order, nor on how they are divided into parts,
// processes and shards; times of day, timings and the version of the program are
// not in it. Two folders with one digest hold the same results, to the last bit.
//
// Every row has a hash of its own (see results.RowHasher), the SHA-256 of its
// canonical form. The hashes of a table are added up as 256-bit numbers modulo
// 2²⁵⁶, and the digest is the SHA-256 of
//
//	modspec results 1
//
// (with a newline), then for runs and for trajectories the number of rows, in 8
// bytes, and the sum, in 32, all big-endian. Sums are not proof against rows that are
// chosen to collide; accidental collisions have the probability of a 256-bit hash.
//
// The files are read whole and compared with the journal's checksums; the error
// names a file that is missing or was changed, and a copy that is there twice.
func Digest(dir string) (ResultsDigest, error) {
	r, err := readJournal(dir)
	if err != nil {
		return ResultsDigest{}, err
	}
	d := ResultsDigest{Copies: r.sweep.Copies}
	var runs, points sum256
	for i := range r.parts {
		p := &r.parts[i]
		if err := p.verify(dir); err != nil {
			return ResultsDigest{}, err
		}
		for _, f := range p.files() {
			sum, rows := &runs, &d.Runs
			if f.table == results.TrajectoriesTable {
				sum, rows = &points, &d.Points
			}
			if err := addRows(sum, dir, p, f); err != nil {
				return ResultsDigest{}, err
			}
			*rows += f.Rows
		}
	}
	b := []byte("modspec results 1\n")
	b = runs.append(binary.BigEndian.AppendUint64(b, uint64(d.Runs)))
	b = points.append(binary.BigEndian.AppendUint64(b, uint64(d.Points)))
	sum := sha256.Sum256(b)
	d.Hash = hex.EncodeToString(sum[:])
	return d, nil
}

// addRows adds the hashes of one file's rows, and checks that the copies are those
// of the journal.
func addRows(sum *sum256, dir string, p *part, f tableFile) error {
	path := partPath(dir, f.table, p.Name)
	var listed, seen numberset.Set
	listed.AddAll(p.Copies)
	var hasher results.RowHasher
	count := 0
	for row, err := range results.Read(path, f.table) {
		if err != nil {
			return err
		}
		number := copyNumber(row)
		if !listed.Has(number) {
			return damaged(path, fmt.Sprintf("it has copy %d, which the journal does not have there", number))
		}
		if !seen.Add(number) && f.table == results.RunsTable {
			return damaged(path, fmt.Sprintf("it has copy %d twice", number))
		}
		sum.add(hasher.Hash(row))
		count++
	}
	if count != f.Rows {
		return damaged(path, fmt.Sprintf("it has %d rows, but was written with %d", count, f.Rows))
	}
	return nil
}

// copyNumber returns the number of the copy that a row is about.
func copyNumber(row *results.Row) int { return row.Whole(results.CopyPlace) }

// sum256 is a sum of hashes modulo 2²⁵⁶, its lowest 64 bits first.
type sum256 [4]uint64

// add adds a hash, taken as a big-endian number.
func (s *sum256) add(hash [sha256.Size]byte) {
	var carry uint64
	for i := range s {
		s[i], carry = bits.Add64(s[i], binary.BigEndian.Uint64(hash[len(hash)-8*(i+1):]), carry)
	}
}

func (s *sum256) append(b []byte) []byte {
	for i := len(s) - 1; i >= 0; i-- {
		b = binary.BigEndian.AppendUint64(b, s[i])
	}
	return b
}
