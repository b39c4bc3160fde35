package serve

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

type trajectoriesJSON struct {
	Version       string      `json:"version"`
	Matched       int         `json:"matched"`
	MatchedGroups int         `json:"matched_groups"`
	Varies        []string    `json:"varies"`
	Groups        []groupJSON `json:"groups"`
}

type groupJSON struct {
	Parameters results.Parameters `json:"parameters"`
	Copies     int                `json:"copies"`
	Read       int                `json:"read"`
	Diverged   int                `json:"diverged"` // of those read
	Steps      []int              `json:"steps"`
	Band       map[string]band    `json:"band"`
	Lines      []lineJSON         `json:"lines"`
	Theory     *groupTheory       `json:"theory"`
	Rows       string             `json:"rows"`
}

type lineJSON struct {
	ID           string             `json:"id"`
	Copy         int                `json:"copy"`
	Seed         string             `json:"seed"`
	DivergedStep *int               `json:"diverged_step"`
	Values       map[string]numbers `json:"values"`
}

type groupTheory struct {
	Kind   string                    `json:"kind"`
	Copies int                       `json:"copies"`
	Median map[string]numbers        `json:"median"`
	End    map[string]results.Number `json:"end"`
	Note   string                    `json:"note"`
}

// maxSent bounds the numbers of an answer.
const maxSent = 1 << 20

// A trajectoryRequest is what is asked of trajectories.
type trajectoryRequest struct {
	dir                          string
	filter                       columns.Filter
	groups, copies, lines, steps int
	quantities                   []int // places in columns.Quantities
	theoryUntil                  time.Time
}

func (s *Server) answerTrajectories(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", where, "groups", "copies", "lines", "steps", "quantities")
	if err != nil {
		return err
	}
	t := readTrajectoryRequest(q)
	if q.err != nil {
		return q.err
	}
	if _, err := s.entry(t.dir, sweepKind); err != nil {
		return err
	}
	if !s.hasTrajectories(dirOrRoot(t.dir)) {
		return refuse(http.StatusUnprocessableEntity, "this sweep keeps no trajectories; its file says record: ends, so only the last step is known")
	}
	ctx, cancel := bounded(r)
	defer cancel()
	if err := s.views.wait(ctx); err != nil {
		return err
	}
	defer s.views.leave()
	out, err := s.trajectories(ctx, t)
	if err != nil {
		return err
	}
	send(w, r, http.StatusOK, out)
	return nil
}

func readTrajectoryRequest(q *query) *trajectoryRequest {
	t := &trajectoryRequest{
		dir: q.dir(), filter: q.filter(), groups: q.whole("groups", 4, 1, 12), copies: q.whole("copies", 64, 1, 256),
		lines: q.whole("lines", 8, 0, 32), steps: q.whole("steps", 256, 2, 1024),
	}
	for _, name := range q.list("quantities") {
		i := slices.Index(columns.Quantities, name)
		switch {
		case i < 0:
			q.fault("there is no quantity %s; there are %s", columns.Quote(name), strings.Join(columns.Quantities, ", "))
			return t
		case !slices.Contains(t.quantities, i):
			t.quantities = append(t.quantities, i)
		}
	}
	if t.quantities == nil {
		for i := range columns.Quantities {
			t.quantities = append(t.quantities, i)
		}
	}
	if n := t.groups * (t.lines + bandCurves) * t.steps * len(t.quantities); n > maxSent {
		q.fault("%d groups of %d lines and a band, of %d quantities at %d steps, are %d numbers, but may be at most %d; ask for less of one of them", t.groups, t.lines, len(t.quantities), t.steps, n, maxSent)
	}
	return t
}

func (s *Server) trajectories(ctx context.Context, t *trajectoryRequest) (*trajectoriesJSON, error) {
	names := slices.Concat(columns.Parameters, t.filter.Columns(), []string{"copy", columns.DivergedColumn})
	view, err := s.table(t.dir).View(ctx, names...)
	if err != nil {
		return nil, err
	}
	groups, matched, all, err := view.Groups(ctx, &t.filter, t.groups, t.copies)
	if err != nil {
		return nil, err
	}
	out := &trajectoriesJSON{Version: view.Version, Matched: matched, MatchedGroups: all, Varies: []string{}, Groups: []groupJSON{}}
	t.theoryUntil = time.Now().Add(theoryTime)
	var parameters []results.Parameters
	for _, g := range groups {
		parameters = append(parameters, parametersOf(view, g.Rows[0]))
	}
	out.Varies = varying(parameters)
	for i := range groups {
		g, err := s.group(ctx, t, view, &groups[i], parameters[i])
		if err != nil {
			return nil, err
		}
		out.Groups = append(out.Groups, *g)
	}
	return out, nil
}

// group reads the trajectories of one group and brings them together.
func (s *Server) group(ctx context.Context, t *trajectoryRequest, v *columns.View, g *columns.Group, p results.Parameters) (*groupJSON, error) {
	out := &groupJSON{Parameters: p, Copies: g.All, Read: len(g.Rows), Steps: []int{}, Band: map[string]band{}, Lines: []lineJSON{}, Rows: downloadURL(t.dir, p)}
	copies := make([]int, len(g.Rows))
	for i, r := range g.Rows {
		copies[i] = int(v.Column("copy").Value(r))
		if !math.IsNaN(v.Column(columns.DivergedColumn).Value(r)) {
			out.Diverged++
		}
	}
	read, err := v.Trajectories(ctx, g.Rows, copies, t.quantities, s.options.Workers)
	if err != nil {
		return nil, err
	}
	// Copies of one point are recorded at the same steps; one that diverged has the
	// first of them.
	longest := 0
	for i := range read {
		if len(read[i].Steps) > len(read[longest].Steps) {
			longest = i
		}
	}
	places := thinned(len(read[longest].Steps), t.steps)
	for _, at := range places {
		out.Steps = append(out.Steps, read[longest].Steps[at])
	}
	curves := make([][][]float64, len(t.quantities)) // by quantity, by copy
	for k := range t.quantities {
		for i := range read {
			var curve []float64
			for _, at := range places {
				if at < len(read[i].Steps) {
					curve = append(curve, read[i].Values[k][at])
				}
			}
			curves[k] = append(curves[k], curve)
		}
		if b, exists := bandOf(curves[k], len(places)); exists {
			out.Band[columns.Quantities[t.quantities[k]]] = b
		}
	}
	if err := s.addLines(ctx, t, v, g, copies, curves, out); err != nil {
		return nil, err
	}
	out.Theory, err = s.theoryOf(ctx, t.theoryUntil, v, g, p, out.Steps)
	return out, err
}

// addLines adds copies one by one.
func (s *Server) addLines(ctx context.Context, t *trajectoryRequest, v *columns.View, g *columns.Group, copies []int, curves [][][]float64, out *groupJSON) error {
	if t.lines == 0 {
		return nil
	}
	chosen := []int{0}
	if t.lines > 1 {
		chosen = thinned(len(g.Rows), t.lines)
	}
	rows := make([]columns.Row, len(chosen))
	for i, c := range chosen {
		rows[i] = g.Rows[c]
	}
	ids, err := v.Exact(ctx, "id", rows)
	if err != nil {
		return err
	}
	seeds, err := exactSeeds(ctx, v, rows)
	if err != nil {
		return err
	}
	for i, c := range chosen {
		line := lineJSON{ID: ids[i], Copy: copies[c], Seed: strconv.FormatUint(seeds[i], 10), Values: map[string]numbers{}}
		if step := v.Column(columns.DivergedColumn).Value(rows[i]); !math.IsNaN(step) {
			n := int(step)
			line.DivergedStep = &n
		}
		for k, q := range t.quantities {
			if slices.ContainsFunc(curves[k][c], func(x float64) bool { return !math.IsNaN(x) }) {
				line.Values[columns.Quantities[q]] = curves[k][c]
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return nil
}

// theoryTime is what theory may take of a request: of more copies, or groups, than
// fit into it, theory is left out.
const theoryTime = 3 * time.Second

// theoryCopies is how many copies' starting weights theory starts from: its
// spread over seeds is small beside that of the simulation.
const theoryCopies = 8

// theoryOf returns what theory says of a group, from the starting weights of some
// of its copies.
func (s *Server) theoryOf(ctx context.Context, until time.Time, v *columns.View, g *columns.Group, p results.Parameters, steps []int) (*groupTheory, error) {
	out := &groupTheory{Kind: results.PredictionNone, End: map[string]results.Number{}, Note: "this server was started without theory"}
	if s.options.Networks == nil || len(steps) == 0 {
		return out, nil
	}
	var rows []columns.Row
	for _, i := range thinned(len(g.Rows), theoryCopies) {
		rows = append(rows, g.Rows[i])
	}
	seeds, err := exactSeeds(ctx, v, rows)
	if err != nil {
		return nil, err
	}
	var curves []map[string]numbers
	for _, seed := range seeds {
		if time.Now().After(until) {
			break
		}
		prediction, err := s.options.Networks.Predict(ctx, Network{p, seed}, steps, math.NaN())
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil { // of a table that another version wrote, say: the curves are still worth showing
			out.Note = oneLine(err.Error())
			return out, nil
		}
		out.Kind, out.Note, out.End = prediction.Kind, prediction.Note, everyValueOf(prediction.End)
		if prediction.Discrete == nil {
			return out, nil
		}
		curves = append(curves, curvesOf(prediction.Discrete))
	}
	if curves == nil {
		out.Note = "theory of the groups before took too long; ask for this one alone"
		return out, nil
	}
	out.Copies, out.Median = len(curves), map[string]numbers{}
	for name := range curves[0] {
		var same [][]float64
		for _, c := range curves {
			same = append(same, c[name])
		}
		b, _ := bandOf(same, len(steps))
		out.Median[name] = b.Median
	}
	return out, nil
}

// parametersOf returns the point of a row.
func parametersOf(v *columns.View, r columns.Row) results.Parameters {
	var p results.Parameters
	out := reflect.ValueOf(&p).Elem()
	for i := range out.NumField() {
		c := v.Column(columns.Parameters[i])
		switch f := out.Field(i); f.Kind() {
		case reflect.Int:
			f.SetInt(int64(c.Value(r)))
		case reflect.Float64:
			f.SetFloat(c.Value(r))
		default:
			f.SetString(c.Text(r))
		}
	}
	return p
}

// varying returns the parameters in which points differ.
func varying(points []results.Parameters) []string {
	list := []string{}
	for i, name := range columns.Parameters {
		if name == columns.Seed {
			continue
		}
		for k := range points {
			if !reflect.ValueOf(points[k]).Field(i).Equal(reflect.ValueOf(points[0]).Field(i)) {
				list = append(list, name)
				break
			}
		}
	}
	return list
}

// downloadURL returns where the rows of a point are.
func downloadURL(dir string, p results.Parameters) string {
	q := url.Values{"dir": {dir}, "format": {"csv"}}
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		name, text := columns.Parameters[i], ""
		switch f := v.Field(i); f.Kind() {
		case reflect.Float64:
			text = strconv.FormatFloat(f.Float(), 'g', -1, 64)
		case reflect.Int:
			text = strconv.FormatInt(f.Int(), 10)
		default:
			text = f.String()
		}
		q.Add(where, name+"="+text)
	}
	return "/api/sweep/download?" + q.Encode()
}
