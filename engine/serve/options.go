package serve

import (
	"errors"
	"fmt"
	"net"
	"time"

	"modspec/engine/number"
	"modspec/engine/results"
)

// Options say what a server shows, and to whom.
type Options struct {
	Dir  string // the folder of results
	Addr string // host:port that it will listen on

	DemandToken bool     // also on loopback
	Hosts       []string // further names that the server is reached by

	// Status returns the progress of the sweep in a folder. It must change nothing.
	Status func(dir string) (Status, error)
	// Networks answers the explorer; nil: there is none.
	Networks Networks

	Version, Commit string // of this build, for the page to show

	Memory  int64         // bytes of columns that are kept; 0: 1 GiB
	Workers int           // goroutines that read files; 0: one
	Poll    time.Duration // between two looks at a folder; 0: one second
}

const (
	defaultMemory = 1 << 30
	defaultPoll   = time.Second
)

// check fills in defaults and returns an error that names what is missing.
func (o *Options) check() error {
	if o.Dir == "" || o.Status == nil {
		return errors.New("a server needs a folder and a way to ask for a sweep's status")
	}
	_, port, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return fmt.Errorf("the address is %q, but must have the form host:port, such as 127.0.0.1:8080", o.Addr)
	}
	if _, err := number.Digits(port, 0, 65535); err != nil {
		return fmt.Errorf("the address is %q, but its port %w", o.Addr, err)
	}
	if o.Memory < 0 || o.Poll < 0 {
		return fmt.Errorf("%d bytes of memory and a look every %v: neither may be negative", o.Memory, o.Poll)
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.Poll == 0 {
		o.Poll = defaultPoll
	}
	return nil
}

// A Status is how far a sweep has come: an answer of the API, but for what the
// server adds to it.
type Status struct {
	Name         string               `json:"name"`
	State        string               `json:"state"` // running, done, shard done, interrupted, killed
	Process      string               `json:"process"`
	Reason       string               `json:"reason"`
	Copies       int                  `json:"copies"`
	Done         int                  `json:"done"`
	Diverged     int                  `json:"diverged"`
	Failed       int                  `json:"failed"`
	Shard        string               `json:"shard"`
	Target       int                  `json:"target"` // copies of the shard
	NetworkSteps int64                `json:"network_steps"`
	Rate         Rate                 `json:"rate"`
	SecondsLeft  results.Number       `json:"seconds_left"`
	Began        time.Time            `json:"began"`
	Last         time.Time            `json:"last"`
	Backend      string               `json:"backend"`
	Precision    string               `json:"precision"`
	Fingerprint  string               `json:"fingerprint"`
	Text         string               `json:"-"` // the resolved sweep file
	Parts        int                  `json:"parts"`
	Bytes        int64                `json:"bytes"`
	Problems     []string             `json:"problems"`
	Processes    []results.Provenance `json:"processes"`
}

// A Rate is what is done in a second.
type Rate struct {
	Copies       results.Number `json:"copies"`
	NetworkSteps results.Number `json:"network_steps"`
}

// running is the state of a folder that a process works in.
const running = "running"
