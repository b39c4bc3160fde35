package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"modspec/engine/number"
	"modspec/engine/results"
)

// settingNames are the parameters that a network can be named by.
var settingNames = []string{
	"bits", "nx", "ny", "kx", "ky", "r", "arch", "hidden", "depth", "rule", "gamma", "beta",
	"lr", "init_scale", "steps", "train_examples", "batch", "seed",
}

// The points of a curve.
const (
	defaultPoints = 200
	minPoints     = 2
	maxPoints     = 1024
)

// networks returns the implementation of the explorer; it refuses if there is none.
func (s *Server) networks() (Networks, error) {
	if s.options.Networks == nil {
		return nil, refuse(http.StatusNotFound, "this server has no explorer")
	}
	return s.options.Networks, nil
}

func (s *Server) answerExplorer(w http.ResponseWriter, r *http.Request) error {
	n, err := s.networks()
	if err != nil {
		return err
	}
	if _, err := readQuery(r); err != nil {
		return err
	}
	c := n.Controls()
	c.MaxSeconds, c.MaxRunning = trainTime.Seconds(), maxTrainings
	send(w, r, http.StatusOK, c)
	return nil
}

type theoryJSON struct {
	Parameters results.Parameters        `json:"parameters"`
	Seed       string                    `json:"seed"`
	Examples   int                       `json:"examples"`
	Inputs     int                       `json:"inputs"`
	Outputs    int                       `json:"outputs"`
	Weights    int                       `json:"weights"`
	Work       float64                   `json:"work"`
	Kind       string                    `json:"kind"`
	Note       string                    `json:"note"`
	Modes      []Mode                    `json:"modes"`
	End        map[string]results.Number `json:"end"`
	Steps      []int                     `json:"steps"`
	Discrete   map[string]numbers        `json:"discrete"`
	Continuous map[string]numbers        `json:"continuous"`
}

func (s *Server) answerTheory(w http.ResponseWriter, r *http.Request) error {
	n, err := s.networks()
	if err != nil {
		return err
	}
	q, err := readQuery(r, append(settingNames[:len(settingNames):len(settingNames)], "points", "a0")...)
	if err != nil {
		return err
	}
	points, start := q.whole("points", defaultPoints, minPoints, maxPoints), q.real("a0", 0)
	if q.err != nil {
		return q.err
	}
	given := map[string]string{}
	for _, name := range settingNames {
		given[name] = q.text(name)
	}
	network, err := n.Resolve(given)
	if err != nil {
		return badRequest(err)
	}
	ctx, cancel := bounded(r)
	defer cancel()
	if err := s.views.wait(ctx); err != nil {
		return err
	}
	defer s.views.leave()
	p, err := n.Predict(ctx, network, n.Steps(network, points), start)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return badRequest(err)
	}
	out := theoryJSON{
		Parameters: network.Parameters, Seed: strconv.FormatUint(network.Seed, 10),
		Examples: p.Examples, Inputs: p.Inputs, Outputs: p.Outputs, Weights: p.Weights, Work: p.Work,
		Kind: p.Kind, Note: oneLine(p.Note), Modes: p.Modes, End: everyValueOf(p.End), Steps: p.Steps,
		Discrete: curvesOf(p.Discrete), Continuous: curvesOf(p.Continuous),
	}
	if out.Modes == nil {
		out.Modes = []Mode{}
	}
	send(w, r, http.StatusOK, out)
	return nil
}

func (s *Server) answerTrain(w http.ResponseWriter, r *http.Request) error {
	n, err := s.networks()
	if err != nil {
		return err
	}
	if _, err := readQuery(r); err != nil {
		return err
	}
	given, points, err := readSettings(r)
	if err != nil {
		return err
	}
	network, err := n.Resolve(given)
	if err != nil {
		return badRequest(err)
	}
	if !s.trainings.try() {
		return busy(fmt.Sprintf("%d networks are being trained", maxTrainings))
	}
	defer s.trainings.leave()
	ctx, cancel := context.WithTimeoutCause(r.Context(), trainTime, fmt.Errorf("training took longer than %v and was stopped; choose fewer steps or units", trainTime))
	defer cancel()
	keepOpen(w)
	t := &training{w: w, ctx: ctx}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	t.send(startJSON{"start", network.Parameters, strconv.FormatUint(network.Seed, 10), n.Steps(network, points)})
	began := time.Now()
	ending, err := n.Train(ctx, network, points, t.point)
	switch {
	case t.gone != nil || r.Context().Err() != nil:
		return nil // the connection is closed
	case ctx.Err() != nil:
		t.send(failJSON{"error", oneLine(context.Cause(ctx).Error())})
	case err != nil:
		t.send(failJSON{"error", oneLine(err.Error())})
	default:
		t.send(endJSON{"end", ending.Step, ending.Diverged, time.Since(began).Seconds()})
	}
	return nil
}

type startJSON struct {
	Event      string             `json:"event"`
	Parameters results.Parameters `json:"parameters"`
	Seed       string             `json:"seed"`
	Steps      []int              `json:"steps"`
}

type pointJSON struct {
	Event  string                    `json:"event"`
	Step   int                       `json:"step"`
	Values map[string]results.Number `json:"values"`
}

type endJSON struct {
	Event    string  `json:"event"`
	Step     int     `json:"step"`
	Diverged bool    `json:"diverged"`
	Seconds  float64 `json:"seconds"`
}

type failJSON struct {
	Event string `json:"event"`
	Error string `json:"error"`
}

// A training is a network that is being trained for a page.
type training struct {
	w    http.ResponseWriter
	ctx  context.Context
	gone error // why nothing can be sent any more
}

func (t *training) point(step int, s results.State) error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	return t.send(pointJSON{"point", step, valuesOf(s)})
}

func (t *training) send(line any) error {
	if t.gone != nil {
		return t.gone
	}
	text, err := jsonOf(line)
	if err == nil {
		sendWithin(t.w, writeTime)
		_, err = t.w.Write(append(text, '\n'))
	}
	if err == nil {
		err = http.NewResponseController(t.w).Flush()
	}
	t.gone = err
	return err
}

// readSettings reads the body of a request to train: an object of numbers and
// texts.
func readSettings(r *http.Request) (map[string]string, int, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, 0, refuse(http.StatusUnsupportedMediaType, "the body is %s, but must be application/json", number.Quote(r.Header.Get("Content-Type")))
	}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return nil, 0, badBody(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, 0, refuse(http.StatusBadRequest, "more follows after the object of the body")
	}
	given, points := map[string]string{}, defaultPoints
	for name, value := range object {
		var text string
		switch v := value.(type) {
		case json.Number:
			text = v.String()
		case string:
			text = v
		case nil: // as if it were left out
		default:
			return nil, 0, refuse(http.StatusBadRequest, "%s must be a number or a text", number.Quote(name))
		}
		if name != "points" {
			given[name] = text
			continue
		}
		n, err := number.Whole(text, minPoints, maxPoints)
		if err != nil {
			return nil, 0, refuse(http.StatusBadRequest, "points %v", err)
		}
		points = n
	}
	return given, points, nil
}

func badBody(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	return refuse(http.StatusBadRequest, "the body cannot be read as a JSON object: %v", err)
}
