package serve

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"modspec/engine/number"
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
	Parameters map[string]any  `json:"parameters"`
	Copies     int             `json:"copies"`
	Read       int             `json:"read"`
	Diverged   int             `json:"diverged"` // of those read
	Steps      []int           `json:"steps"`
	Band       map[string]band `json:"band"`
	Lines      []lineJSON      `json:"lines"`
	Theory     *groupTheory    `json:"theory"`
	Rows       string          `json:"rows"`
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
	parameters                   []string
	filter                       columns.Filter
	groups, copies, lines, steps int
	quantities                   []string
	theoryUntil                  time.Time
}

func (s *Server) answerTrajectories(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", where, "groups", "copies", "lines", "steps", "quantities")
	if err != nil {
		return err
	}
	if _, err := s.entry(r.Context(), q.dir(), sweepKind); err != nil {
		return err
	}
	if !s.hasTrajectories(dirOrRoot(q.dir())) {
		return refuse(http.StatusUnprocessableEntity, "this sweep keeps no trajectories; its file says record: ends, so only the last step is known")
	}
	ctx, table, done, err := s.open(r, q.dir())
	if err != nil {
		return err
	}
	defer done()
	if table == nil {
		send(w, r, http.StatusOK, &trajectoriesJSON{Varies: []string{}, Groups: []groupJSON{}})
		return nil
	}
	points, err := s.table(q.dir()).Trajectories()
	if err != nil {
		return err
	}
	t := readTrajectoryRequest(q, table, columns.Quantities(points))
	if q.err != nil {
		return q.err
	}
	out, err := s.trajectories(ctx, t)
	if err != nil {
		return err
	}
	send(w, r, http.StatusOK, out)
	return nil
}

func readTrajectoryRequest(q *query, table *results.Table, known []string) *trajectoryRequest {
	t := &trajectoryRequest{
		dir: q.dir(), parameters: table.Columns.Of(results.Parameter).Names(), filter: q.filter(table), groups: q.whole("groups", 4, 1, 12), copies: q.whole("copies", 64, 1, 256),
		lines: q.whole("lines", 8, 0, 32), steps: q.whole("steps", 256, 2, 1024),
	}
	for _, name := range q.list("quantities") {
		switch {
		case !slices.Contains(known, name):
			q.fault("there is no quantity %s; there are %s", number.Quote(name), strings.Join(known, ", "))
			return t
		case !slices.Contains(t.quantities, name):
			t.quantities = append(t.quantities, name)
		}
	}
	if t.quantities == nil {
		t.quantities = known
	}
	if n := t.groups * (t.lines + bandCurves) * t.steps * len(t.quantities); n > maxSent {
		q.fault("%d groups of %d lines and a band, of %d quantities at %d steps, are %d numbers, but may be at most %d; ask for less of one of them", t.groups, t.lines, len(t.quantities), t.steps, n, maxSent)
	}
	return t
}

func (s *Server) trajectories(ctx context.Context, t *trajectoryRequest) (*trajectoriesJSON, error) {
	names := slices.Concat(t.parameters, []string{columns.Seed}, t.filter.Columns(), []string{results.CopyColumn, columns.DivergedColumn})
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
	var parameters []point
	for _, g := range groups {
		parameters = append(parameters, pointOf(view, t.parameters, g.Rows[0]))
	}
	out.Varies = varying(t.parameters, parameters)
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
func (s *Server) group(ctx context.Context, t *trajectoryRequest, v *columns.View, g *columns.Group, p point) (*groupJSON, error) {
	out := &groupJSON{Parameters: p.json(), Copies: g.All, Read: len(g.Rows), Steps: []int{}, Band: map[string]band{}, Lines: []lineJSON{}, Rows: downloadURL(t.dir, t.parameters, p)}
	copies := make([]int, len(g.Rows))
	for i, r := range g.Rows {
		copies[i] = int(v.Column(results.CopyColumn).Value(r))
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
			out.Band[t.quantities[k]] = b
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
	ids, err := v.Exact(ctx, results.IDColumn, rows)
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
				line.Values[q] = curves[k][c]
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return nil
}
