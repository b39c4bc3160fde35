package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"modspec/engine/sweep/space"
	"modspec/engine/sweep/store"
)

// The names in a submitted folder; see the package's documentation.
const (
	SweepName      = "sweep.yaml"
	SubmissionName = "submission.json"
	ArrayName      = "array.sbatch"
	MergeName      = "merge.sbatch"
	LogsName       = "logs"
	ShardsName     = "shards"
)

// ShardFolder returns the folder of a shard inside a sweep's. Its name has the
// number of shards too, so that the shards of two divisions never meet.
func ShardFolder(dir string, s space.Shard) string {
	return filepath.Join(dir, ShardsName, shardName(s))
}

func shardName(s space.Shard) string { return fmt.Sprintf("%04d-of-%04d", s.Index, s.Count) }

// parseShardName is the inverse of shardName.
func parseShardName(name string) (space.Shard, bool) {
	var s space.Shard
	if _, err := fmt.Sscanf(name, "%d-of-%d", &s.Index, &s.Count); err != nil || s.Check() != nil || shardName(s) != name {
		return space.Shard{}, false
	}
	return s, true
}

// Shards returns the shards that have a folder inside a sweep's, ascending. All
// must be of one division. A folder without any gives an empty list.
func Shards(dir string) ([]space.Shard, error) {
	entries, err := os.ReadDir(filepath.Join(dir, ShardsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []space.Shard
	for _, e := range entries {
		s, ok := parseShardName(e.Name())
		if !ok || !e.IsDir() {
			continue
		}
		if len(list) > 0 && s.Count != list[0].Count {
			return nil, fmt.Errorf("%s holds shards of two divisions, %s and %s; a sweep is divided once, so move one of them away",
				filepath.Join(dir, ShardsName), shardName(list[0]), shardName(s))
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b space.Shard) int { return a.Index - b.Index })
	return list, nil
}

// Begun returns the folders of the shards that have begun, which are those that
// store.Merge can read.
func Begun(dir string) ([]string, error) {
	list, err := Shards(dir)
	if err != nil {
		return nil, err
	}
	var begun []string
	for _, s := range list {
		folder := ShardFolder(dir, s)
		switch _, err := store.ReadStatus(folder); {
		case err == nil:
			begun = append(begun, folder)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
	}
	return begun, nil
}
