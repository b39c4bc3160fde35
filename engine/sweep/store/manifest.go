package store

import "modspec/engine/results"

// ReadManifest returns what a folder is, from its journal: the file manifest.json
// says the same if the last process was not killed and nothing changed the file.
func ReadManifest(dir string) (results.Manifest, error) {
	r, err := readJournal(dir)
	if err != nil {
		return results.Manifest{}, err
	}
	return r.manifest(), nil
}

// manifest returns what the record says of the folder.
func (r *record) manifest() results.Manifest {
	m := results.Manifest{
		Name: r.sweep.Name, Fingerprint: r.sweep.Fingerprint, Sweep: r.sweep.Text,
		Copies: r.sweep.Copies, Done: r.done.Len(), Parts: []string{}, Tables: []string{results.RunsTable},
		Backend: r.sweep.Backend, Precision: r.sweep.Precision, Began: r.began, Processes: r.sessions,
	}
	if r.sweep.Trajectories {
		m.Tables = append(m.Tables, results.TrajectoriesTable)
	}
	for i := range r.parts {
		m.Parts = append(m.Parts, r.parts[i].Name)
	}
	m.NetworkSteps, m.Diverged = r.totals()
	return m
}
