package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"modspec/engine/cmnist"
	"modspec/engine/lock"
	"modspec/engine/mnist"
	"modspec/engine/random"
	"modspec/engine/results"
)

// Options are what an experiment is and where it goes.
type Options struct {
	Dir         string
	Config      Config // Backend, Data and Arithmetic are filled in
	Set         *mnist.Set
	Backend     cmnist.Backend
	Double      bool // whether the backend's numbers are float64
	Resume      bool // go on where the folder's experiment stopped
	Anew        bool // remove what an experiment left in the folder, and begin
	SaveWeights bool
	// Progress is called after every epoch of a run, one call at a time.
	Progress func(results.CMNISTEpoch)
}

// The files of the folder; see the package comment.
const (
	ConfigName     = "config.json"
	JournalName    = "journal.jsonl"
	TableName      = "epochs.parquet"
	checkpointsDir = "checkpoints"
	weightsDir     = "weights"
)

// Run runs an experiment, or what its folder lacks of it, and returns all epochs of
// all runs. When the context is cancelled or something fails, the folder holds
// everything up to the last epoch of each run. A [ConfigError] says that there can be
// no such experiment, a [MismatchError] that the folder is another one's.
func Run(ctx context.Context, o Options) ([]results.CMNISTEpoch, error) {
	o.Config.Backend, o.Config.Data, o.Config.Arithmetic = o.Backend.Name(), DataHash(o.Set), results.Arithmetic()
	job, members, err := plan(&o.Config, o.Set)
	if err != nil {
		return nil, &ConfigError{err}
	}
	s := &session{o: &o, job: job, members: members}
	if err := os.MkdirAll(o.Dir, 0o777); err != nil {
		return nil, err
	}
	held, err := lock.Folder(o.Dir)
	if err != nil {
		return nil, err
	}
	err = s.open()
	if err == nil {
		err = s.train(ctx)
	}
	if err == nil {
		err = s.table()
	}
	rows, closing := s.close()
	return rows, errors.Join(err, closing, held.Release())
}

// plan returns the job that a configuration asks for, and what its runs are.
func plan(c *Config, set *mnist.Set) (*cmnist.Job, []member, error) {
	if c.Runs < 1 {
		return nil, nil, fmt.Errorf("the number of runs is %d, but must be 1 or more", c.Runs)
	}
	if len(c.Networks) == 0 {
		return nil, nil, errors.New("no networks are named")
	}
	composition := cmnist.Composition{Digits: c.Digits, R: c.R}
	data, err := cmnist.Compose(set, composition, cmnist.Selection{Train: c.Train, Test: c.Test, Withhold: c.Withhold})
	if err != nil {
		return nil, nil, err
	}
	job := &cmnist.Job{
		Data: data, Epochs: c.Epochs, Batch: c.Batch, LearningRate: c.LearningRate, Momentum: c.Momentum,
		InitScale: c.InitScale, Probe: c.Probe,
	}
	var names networkNames
	var members []member
	for _, n := range c.Networks {
		if err := names.add(n.Name, c.Runs); err != nil {
			return nil, nil, err
		}
		for run := range c.Runs {
			job.Runs = append(job.Runs, cmnist.Run{Network: n, Stream: random.Stream{Seed: c.Seed + uint64(run)}})
			members = append(members, member{n.Name, run, c.Seed + uint64(run)})
		}
	}
	return job, members, job.Check()
}

// session is one process's work in a folder.
type session struct {
	o       *Options
	job     *cmnist.Job
	members []member // of the job's runs
	journal *journal
}

// open finds what the folder has, and takes out of the job what is done.
func (s *session) open() error {
	dir := s.o.Dir
	if s.o.Anew {
		if err := s.clear(); err != nil {
			return err
		}
	}
	if err := s.o.Config.claim(filepath.Join(dir, ConfigName), s.o.Resume); err != nil {
		return err
	}
	for _, name := range []string{checkpointsDir, weightsDir} {
		if name == weightsDir && !s.o.SaveWeights {
			continue
		}
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			return err
		}
	}
	var err error
	if s.journal, err = openJournal(filepath.Join(dir, JournalName)); err != nil {
		return err
	}
	var runs []cmnist.Run
	var members []member
	for i, m := range s.members {
		if s.done(m) {
			continue
		}
		run := s.job.Runs[i]
		run.From, err = readCheckpoint(s.checkpoint(m), run.Network, s.job.Data.Composition)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w; remove the file and the run begins anew", err)
		}
		runs, members = append(runs, run), append(members, m)
	}
	s.job.Runs, s.members = runs, members
	return nil
}

// clear removes what an experiment left in the folder, its configuration first: what
// stays behind when this is interrupted belongs to none.
func (s *session) clear() error {
	for _, name := range []string{ConfigName, JournalName, TableName} {
		if err := removed(filepath.Join(s.o.Dir, name)); err != nil {
			return err
		}
	}
	for _, m := range s.members {
		for _, file := range []string{s.checkpoint(m), s.weights(m)} {
			if err := removed(file); err != nil {
				return err
			}
		}
	}
	return nil
}

// close closes the journal, where it was opened, and returns its rows.
func (s *session) close() ([]results.CMNISTEpoch, error) {
	if s.journal == nil {
		return nil, nil
	}
	return s.journal.rows, s.journal.close()
}

// done reports whether the folder holds all of a run: its last epoch or divergence,
// and its weights if they are wanted.
func (s *session) done(m member) bool {
	ended := false
	for i := range s.journal.rows {
		row := &s.journal.rows[i]
		if row.Arch != m.arch || row.RunIndex != m.run {
			continue
		}
		if row.Diverged != 0 {
			return true
		}
		ended = ended || row.Epoch == s.job.Epochs
	}
	if !ended || !s.o.SaveWeights {
		return ended
	}
	_, err := os.Stat(s.weights(m))
	return err == nil
}

func (s *session) checkpoint(m member) string {
	return filepath.Join(s.o.Dir, checkpointsDir, m.file())
}

func (s *session) weights(m member) string { return filepath.Join(s.o.Dir, weightsDir, m.file()) }

func (s *session) train(ctx context.Context) error {
	if len(s.job.Runs) == 0 {
		return nil
	}
	return s.o.Backend.Train(ctx, s.job, s)
}

// Epoch implements cmnist.Recorder.
func (s *session) Epoch(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	m := s.members[run]
	row := rowOf(m, o)
	if err := s.journal.write(row); err != nil {
		return err
	}
	if s.o.Progress != nil {
		s.o.Progress(row)
	}
	last := o.Epoch == s.job.Epochs
	if o.Diverged || last && !s.o.SaveWeights {
		return removed(s.checkpoint(m))
	}
	if from := s.job.Runs[run].From; !last && (o.Epoch == 0 || from != nil && from.Epoch == o.Epoch) {
		return nil // it starts there, and would again
	}
	c, err := save()
	if err != nil {
		return err
	}
	path := s.checkpoint(m)
	if last {
		path = s.weights(m)
	}
	if err := writeCheckpoint(path, c, s.job.Runs[run].Network, s.job.Data.Composition, s.o.Double); err != nil {
		return err
	}
	if last {
		return removed(s.checkpoint(m))
	}
	return nil
}

// removed removes a file that may be there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// table writes the table epochs, run after run.
func (s *session) table() error {
	if err := removed(filepath.Join(s.o.Dir, checkpointsDir)); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(s.o.Dir, TableName), func(w io.Writer) error {
		t := results.NewWriter[results.CMNISTEpoch](w)
		for _, n := range s.o.Config.Networks {
			for run := range s.o.Config.Runs {
				for epoch := range s.o.Config.Epochs + 1 {
					if err := s.write(t, place{n.Name, run, epoch}); err != nil {
						return err
					}
				}
			}
		}
		return t.Close()
	})
}

func (s *session) write(t *results.Writer[results.CMNISTEpoch], at place) error {
	for i := range s.journal.rows {
		if placeOf(&s.journal.rows[i]) == at {
			return t.Write(&s.journal.rows[i])
		}
	}
	return nil // it diverged before
}
