package cmnist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml"
)

// A networkFile is the YAML of a network:
//
//	name: two towers
//	towers:
//	  - writes: compositional        # or non-compositional, or both
//	    layers:
//	      - conv: {channels: 16, height: 9, width: 27}
//	      - relu
//	      - linear: 100
//	  - writes: non-compositional
//	    layers: []
//
// The linear layer that writes the block is not named; every tower ends with it.
type networkFile struct {
	Name   string      `yaml:"name"`
	Towers []towerFile `yaml:"towers"`
}

type towerFile struct {
	Writes Block       `yaml:"writes"`
	Layers []layerFile `yaml:"layers"`
}

// layerFile is a layer: a word, or a kind with its sizes.
type layerFile struct{ Layer }

// UnmarshalYAML implements yaml.BytesUnmarshaler.
func (l *layerFile) UnmarshalYAML(data []byte) error {
	var word string
	if yaml.Unmarshal(data, &word) == nil && word != "" {
		if word != "relu" {
			return fmt.Errorf("a layer is %q, but must be relu, conv: {channels, height, width} or linear: units", word)
		}
		return nil
	}
	var kind struct {
		Conv *struct {
			Channels int `yaml:"channels"`
			Height   int `yaml:"height"`
			Width    int `yaml:"width"`
		} `yaml:"conv"`
		Linear *int `yaml:"linear"`
	}
	if err := yaml.UnmarshalWithOptions(data, &kind, yaml.Strict()); err != nil {
		return err
	}
	switch {
	case kind.Conv != nil && kind.Linear == nil:
		l.Convolution = &Convolution{kind.Conv.Channels, kind.Conv.Height, kind.Conv.Width}
	case kind.Linear != nil && kind.Conv == nil:
		if l.Linear = *kind.Linear; l.Linear < 1 {
			return fmt.Errorf("a linear layer has %d units, but must have 1 or more", l.Linear)
		}
	default:
		return errors.New("a layer must be relu, conv: {channels, height, width} or linear: units, one of them")
	}
	return nil
}

// maxNetworkFile is the largest file of a network that is read.
const maxNetworkFile = 1 << 20

// ReadNetwork reads a network from a YAML file. Errors name the file, and where in it
// they are. The network has not been checked for a composition.
func ReadNetwork(path string) (Network, error) {
	f, err := os.Open(path)
	if err != nil {
		return Network{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxNetworkFile+1))
	if err != nil {
		return Network{}, err
	}
	if len(data) > maxNetworkFile {
		return Network{}, fmt.Errorf("%s is larger than %d bytes, which is the most that is read of a network", path, maxNetworkFile)
	}
	n, err := parseNetwork(data)
	if err != nil {
		return Network{}, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

func parseNetwork(data []byte) (Network, error) {
	var file networkFile
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&file); err != nil {
		if errors.Is(err, io.EOF) {
			return Network{}, errors.New("it is empty; name and towers are needed")
		}
		return Network{}, errors.New(yaml.FormatError(err, false, false))
	}
	n := Network{Name: file.Name}
	if n.Name == "" {
		return n, errors.New("the network has no name; add name: and a word for it")
	}
	for _, t := range file.Towers {
		tower := Tower{Writes: t.Writes}
		for _, l := range t.Layers {
			tower.Layers = append(tower.Layers, l.Layer)
		}
		n.Towers = append(n.Towers, tower)
	}
	return n, nil
}
