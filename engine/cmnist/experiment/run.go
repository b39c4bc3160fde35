package experiment

import (
	"cmp"
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
	"modspec/engine/regularfile"
	"modspec/engine/results"
)

// Options are what an experiment is and where it goes.
type Options struct {
	Dir     string
	Config  Config // Backend, Data and Arithmetic are filled in
	Set     *mnist.Set
	Backend cmnist.Backend
	Double  bool // whether the backend's numbers are float64
	Resume  bool // go on where the folder's experiment stopped
	Anew    bool // remove what an experiment left in the folder, and begin
	// SaveWeights keeps the weights of every finished run. A folder that has them once
	// is given them whenever it is gone on with.
	SaveWeights bool
	// Notice is told, in a line, of what in the folder was damaged and is trained
	// again; the results do not depend on it. It may be nil.
	Notice func(string)
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
// all runs, run after run. When the context is cancelled or something fails, the folder
// holds everything up to the last epoch of each run. A [ConfigError] says that there
// can be no such experiment, a [MismatchError] that the folder is another one's.
func Run(ctx context.Context, o Options) ([]results.CMNISTEpoch, error) {
	o.Config.Backend, o.Config.Data, o.Config.Arithmetic = o.Backend.Name(), DataHash(o.Set), results.Arithmetic()
	job, members, err := plan(&o.Config, o.Set)
	if err != nil {
		return nil, &ConfigError{err}
	}
	text, id, err := o.Config.encode()
	if err != nil {
		return nil, err
	}
	if len(text) > maxConfig {
		return nil, &ConfigError{fmt.Errorf("the networks take %d bytes in %s, but may take at most %d; name fewer", len(text), ConfigName, maxConfig)}
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	s := &session{o: &o, id: id, job: job, members: members, all: members}
	if err := s.regular(); err != nil {
		return nil, err
	}
	if err := disk.mkdir(o.Dir, 0o777); err != nil {
		return nil, err
	}
	if s.held, err = lock.Folder(o.Dir); err != nil {
		return nil, err
	}
	err = s.open()
	if err == nil {
		err = s.train(ctx)
	}
	var rows []results.CMNISTEpoch
	if err == nil {
		rows, err = s.finish()
	}
	return rows, errors.Join(err, s.close(), s.held.Release())
}

// maxRuns bounds the runs of all networks: each has files of its own in one folder.
const maxRuns = 100_000

// plan returns the job that a configuration asks for, and what its runs are.
func plan(c *Config, set *mnist.Set) (*cmnist.Job, []member, error) {
	if len(c.Networks) == 0 {
		return nil, nil, errors.New("no networks are named")
	}
	if most := maxRuns / len(c.Networks); c.Runs < 1 || c.Runs > most {
		return nil, nil, fmt.Errorf("the number of runs is %d, but must be 1 to %d for each of %d networks", c.Runs, most, len(c.Networks))
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
	id      string // of the experiment
	job     *cmnist.Job
	members []member // of the job's runs
	all     []member // of the experiment
	held    *lock.Lock
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
	begun, err := s.o.Config.begun(dir, s.o.Resume)
	if err != nil {
		return err
	}
	if err := s.weightsWanted(begun); err != nil {
		return err
	}
	if !begun {
		if err := s.o.Config.store(dir); err != nil {
			return err
		}
	}
	if err := disk.mkdir(filepath.Join(dir, checkpointsDir), 0o777); err != nil {
		return err
	}
	for _, name := range []string{"", checkpointsDir, weightsDir} {
		results.RemoveTemporaries(filepath.Join(dir, name))
	}
	if left := remains(dir); begun && left != "" && left != JournalName {
		s.o.Notice(fmt.Sprintf("%s holds %s, but no %s; everything is trained again", dir, left, JournalName))
	}
	if s.journal, err = openJournal(filepath.Join(dir, JournalName), s.id, maxJournal(len(s.all), s.job.Epochs), s.o.Notice); err != nil {
		return err
	}
	var runs []cmnist.Run
	var members []member
	for i, m := range s.all {
		run := s.job.Runs[i]
		done, err := s.done(m, run.Network)
		if err != nil {
			return err
		}
		if done {
			continue
		}
		if run.From, err = s.checkpointOf(m, run.Network); err != nil {
			return err
		}
		runs, members = append(runs, run), append(members, m)
	}
	s.job.Runs, s.members = runs, members
	return nil
}

// weightsWanted makes SaveWeights and the folder of weights agree, before the
// experiment has begun: from then on the folder says that they are wanted.
func (s *session) weightsWanted(begun bool) error {
	path := filepath.Join(s.o.Dir, weightsDir)
	if s.o.SaveWeights {
		return disk.mkdir(path, 0o777)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil
	}
	if begun {
		s.o.SaveWeights = true
		return nil
	}
	// One that was made for an experiment that did not begin.
	if err := disk.remove(path); err != nil {
		return fmt.Errorf("%w; without weights there can be no such folder, because it says that they are wanted: remove it, or choose another folder", err)
	}
	return nil
}

// clear removes what an experiment left in the folder, its configuration last: what
// is there when this is interrupted is still known to be that experiment's.
func (s *session) clear() error {
	remove := func(name string) error {
		return ifThere(disk.remove(filepath.Join(s.o.Dir, filepath.FromSlash(name))))
	}
	for {
		name := remains(s.o.Dir)
		if name == "" {
			return remove(ConfigName)
		}
		if err := remove(name); err != nil {
			return err
		}
	}
}

// ifThere returns the error of removing a file that may not be there.
func ifThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// discard removes what is not needed any more. It has no error: what stays does no
// harm, and is tried again when the experiment ends.
func (s *session) discard(path string) { _ = disk.remove(path) }

// close closes the journal, where it was opened.
func (s *session) close() error {
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
}

// known returns how many epochs of a run the journal has, from 0 on without a gap,
// and whether they are all: up to the last, or to divergence.
func (s *session) known(m member) (epochs int, all bool) {
	for {
		row, has := s.journal.rows[place{m.arch, m.run, epochs}]
		if !has {
			return epochs, false
		}
		epochs++
		if row.Diverged != 0 || row.Epoch == s.job.Epochs {
			return epochs, true
		}
	}
}

// done reports whether the folder holds all of a run: every epoch, and its weights if
// they are wanted and it has any.
func (s *session) done(m member, n cmnist.Network) (bool, error) {
	epochs, all := s.known(m)
	if !all || !s.o.SaveWeights || s.journal.rows[place{m.arch, m.run, epochs - 1}].Diverged != 0 {
		return all, nil
	}
	c, err := s.read(s.weights(m), n, s.job.Epochs, s.job.Epochs)
	return c != nil, err
}

// checkpointOf returns where a run goes on, or nil where it begins. The epoch of the
// checkpoint itself is measured again first, those before it are not.
func (s *session) checkpointOf(m member, n cmnist.Network) (*cmnist.Checkpoint, error) {
	epochs, _ := s.known(m)
	return s.read(s.checkpoint(m), n, 0, epochs)
}

// read reads tensors that are of an epoch from first to last, and nil where there are
// none. Those that are not this run's, or damaged, are none either, of which the user is told.
func (s *session) read(file tensorsFile, n cmnist.Network, first, last int) (*cmnist.Checkpoint, error) {
	c, err := file.read(n, s.job.Data.Composition)
	var system *fs.PathError
	var irregular *regularfile.Error
	switch {
	case err == nil && c.Epoch < first:
		err = fmt.Errorf("%s: it is of epoch %d, but must be of %d", file.path, c.Epoch, first)
	case err == nil && c.Epoch > last:
		err = fmt.Errorf("%s: it is of epoch %d, but the journal has no line of epoch %d", file.path, c.Epoch, last)
	case err == nil:
		return c, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.As(err, &system), errors.As(err, &irregular):
		return nil, refused(err)
	}
	s.o.Notice(fmt.Sprintf("%v; the run begins anew and comes to the same numbers", err))
	return nil, nil
}

func (s *session) checkpoint(m member) tensorsFile { return s.tensors(checkpointsDir, m) }
func (s *session) weights(m member) tensorsFile    { return s.tensors(weightsDir, m) }

func (s *session) tensors(folder string, m member) tensorsFile {
	return tensorsFile{filepath.Join(s.o.Dir, folder, m.file()), s.id}
}

func (s *session) train(ctx context.Context) error {
	if len(s.job.Runs) == 0 {
		return nil
	}
	return s.o.Backend.Train(ctx, s.job, s)
}

// alone returns an error if something else than this process changed the folder:
// whoever removed files from it, or another process, where locks do nothing.
func (s *session) alone() error { return s.changed(cmp.Or(s.held.Check(), s.journal.check())) }

// changed says what a change by something else means.
func (s *session) changed(what error) error {
	if what == nil {
		return nil
	}
	return fmt.Errorf("%s was changed by something else while this process worked in it: %w; nothing is claimed. Let one process at a time work there (a file system without locks keeps no other out) and run the same command again with --resume", s.o.Dir, what)
}

// Epoch implements cmnist.Recorder.
func (s *session) Epoch(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
	if err := s.alone(); err != nil {
		return err
	}
	err := s.record(run, o, save)
	if err != nil {
		// Another process removes temporary files of this one. The journal may have
		// failed half-way, so it says nothing now.
		err = cmp.Or(s.changed(s.held.Check()), err)
	}
	return err
}

// record keeps what an epoch of a run gave.
func (s *session) record(run int, o cmnist.Observation, save func() (*cmnist.Checkpoint, error)) error {
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
		s.discard(s.checkpoint(m).path)
		return nil
	}
	if from := s.job.Runs[run].From; !last && (o.Epoch == 0 || from != nil && from.Epoch == o.Epoch) {
		return nil // it starts there, and would again
	}
	c, err := save()
	if err != nil {
		return err
	}
	file := s.checkpoint(m)
	if last {
		file = s.weights(m)
	}
	if err := file.write(c, s.job.Runs[run].Network, s.job.Data.Composition, s.o.Double); err != nil {
		return err
	}
	if last {
		s.discard(s.checkpoint(m).path)
	}
	return nil
}

// finish writes the table epochs, run after run, when every run is complete, and
// returns its rows.
func (s *session) finish() ([]results.CMNISTEpoch, error) {
	var rows []results.CMNISTEpoch
	for _, m := range s.all {
		epochs, all := s.known(m)
		if !all {
			return nil, fmt.Errorf("run %d of %s ended, but nothing was measured of its epoch %d; the table cannot be written", m.run, m.arch, epochs)
		}
		for epoch := range epochs {
			rows = append(rows, s.journal.rows[place{m.arch, m.run, epoch}])
		}
	}
	if err := s.alone(); err != nil {
		return nil, err
	}
	err := disk.writeFile(filepath.Join(s.o.Dir, TableName), func(w io.Writer) error {
		return results.WriteAll(w, results.CMNISTEpochs, rows)
	})
	if err != nil {
		return nil, err
	}
	// A session that was killed may have left the checkpoint of a run that it had
	// finished.
	for _, m := range s.all {
		s.discard(s.checkpoint(m).path)
	}
	s.discard(filepath.Join(s.o.Dir, checkpointsDir))
	return rows, nil
}
