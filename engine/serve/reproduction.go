package serve

import (
	"errors"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"modspec/engine/number"
	"modspec/engine/results"
)

type reproductionJSON struct {
	Dir        string             `json:"dir"`
	Name       string             `json:"name"`
	Claims     int                `json:"claims"`
	Holding    int                `json:"holding"`
	Provenance results.Provenance `json:"provenance"`
	Report     bool               `json:"report"`
	Studies    []studyJSON        `json:"studies"`
}

type studyJSON struct {
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	Claims  []results.Claim `json:"claims"`
	Figures []figureJSON    `json:"figures"`
}

type figureJSON struct {
	Name    string `json:"name"`
	SVG     string `json:"svg"`
	PNG     string `json:"png"`
	Caption string `json:"caption"`
	Alt     string `json:"alt"`
}

func (s *Server) answerReproduction(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir")
	if err != nil {
		return err
	}
	e, err := s.entry(r.Context(), q.dir(), reproductionKind)
	if err != nil {
		return err
	}
	claims, err := s.claims(dirOrRoot(q.dir()))
	if err != nil {
		return err
	}
	out := reproductionJSON{
		Dir: q.dir(), Name: e.Name, Claims: len(claims.Claims), Holding: claims.Holding(),
		Provenance: claims.Provenance, Report: e.Report, Studies: studiesOf(claims),
	}
	files, err := s.figureFiles(dirOrRoot(q.dir()), claims)
	if err != nil {
		return err
	}
	report := s.reportTexts(dirOrRoot(q.dir()), e.Report)
	for i := range out.Studies {
		out.Studies[i].describe(q.dir(), files, report)
	}
	send(w, r, http.StatusOK, out)
	return nil
}

// studyOf returns the study that a claim belongs to.
func studyOf(claim string) string {
	study, _, _ := strings.Cut(claim, "/")
	return study
}

// studiesOf brings the claims of each study together, in the order of the file.
func studiesOf(claims results.ClaimsFile) []studyJSON {
	list := []studyJSON{}
	for _, c := range claims.Claims {
		id := studyOf(c.ID)
		i := slices.IndexFunc(list, func(s studyJSON) bool { return s.ID == id })
		if i < 0 {
			i = len(list)
			list = append(list, studyJSON{ID: id, Title: id, Figures: []figureJSON{}})
		}
		list[i].Claims = append(list[i].Claims, c)
	}
	return list
}

// figureName is what a figure's file is called.
var figureName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// figureFiles returns the files of a reproduction's figures, each with the study
// that it belongs to: the one with the longest id that its name begins with.
func (s *Server) figureFiles(dir string, claims results.ClaimsFile) (map[string]string, error) {
	d, err := s.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, e := range entries {
		name, ext := strings.TrimSuffix(e.Name(), path.Ext(e.Name())), path.Ext(e.Name())
		if ext != ".svg" && ext != ".png" || !figureName.MatchString(name) {
			continue
		}
		best := ""
		for _, c := range claims.Claims {
			id := studyOf(c.ID)
			if (name == id || strings.HasPrefix(name, id+"-")) && len(id) > len(best) {
				best = id
			}
		}
		if best != "" {
			files[e.Name()] = best
		}
	}
	return files, nil
}

// describe adds a study's title and figures.
func (st *studyJSON) describe(dir string, files map[string]string, report reportTexts) {
	if title := report.titles[st.ID]; title != "" {
		st.Title = title
	}
	var names []string
	for file, study := range files {
		if study == st.ID {
			names = append(names, strings.TrimSuffix(file, path.Ext(file)))
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		f := figureJSON{Name: name, Caption: report.captions[name], Alt: report.alts[name]}
		if f.Alt == "" {
			f.Alt = st.Title
		}
		for ext, to := range map[string]*string{".svg": &f.SVG, ".png": &f.PNG} {
			if _, ok := files[name+ext]; ok {
				*to = "/api/reproduction/figure?" + url.Values{"dir": {dir}, "file": {name + ext}}.Encode()
			}
		}
		st.Figures = append(st.Figures, f)
	}
}

func (s *Server) answerFigure(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir", "file")
	if err != nil {
		return err
	}
	if _, err := s.entry(r.Context(), q.dir(), reproductionKind); err != nil {
		return err
	}
	claims, err := s.claims(dirOrRoot(q.dir()))
	if err != nil {
		return err
	}
	files, err := s.figureFiles(dirOrRoot(q.dir()), claims)
	if err != nil {
		return err
	}
	file := q.text("file")
	if _, ok := files[file]; !ok {
		return refuse(http.StatusNotFound, "there is no such figure: %s", number.Quote(file))
	}
	return s.sendFile(w, path.Join(dirOrRoot(q.dir()), file), contentTypes[path.Ext(file)])
}

func (s *Server) answerReport(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r, "dir")
	if err != nil {
		return err
	}
	if _, err := s.entry(r.Context(), q.dir(), reportKind); err != nil {
		return err
	}
	return s.sendFile(w, path.Join(dirOrRoot(q.dir()), reportName), contentTypes[".html"])
}

// sendFile sends a file of the folder with a policy that forbids its scripts and
// gives it no origin.
func (s *Server) sendFile(w http.ResponseWriter, name, kind string) error {
	body, err := s.readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(http.StatusNotFound, "%s is no longer there", number.Quote(path.Base(name)))
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	sendWithin(w, writeTime)
	w.Write(body)
	return nil
}

// reportTexts are what a written report says beside its figures.
type reportTexts struct {
	titles         map[string]string // by study
	captions, alts map[string]string // by figure
}

var (
	reportTitle  = regexp.MustCompile(`<h2 id="title:([^"]+)">(.*?)</h2>`)
	reportFigure = regexp.MustCompile(`<figure id="figure:([^"]+)">`)
	reportAlt    = regexp.MustCompile(`alt="([^"]*)"`)
	script       = regexp.MustCompile(`<(sub|sup)>([^<]*)</(?:sub|sup)>`)
	tags         = regexp.MustCompile(`<[^>]*>`)
)

// reportTexts reads titles and captions from the report that stands beside the
// figures: the claims' file has none. They are plain text in the answer, whatever
// the file holds.
func (s *Server) reportTexts(dir string, there bool) reportTexts {
	t := reportTexts{map[string]string{}, map[string]string{}, map[string]string{}}
	if !there {
		return t
	}
	body, err := s.readFile(path.Join(dir, reportName))
	if err != nil {
		return t // figures without captions are still worth showing
	}
	text := string(body)
	for _, m := range reportTitle.FindAllStringSubmatch(text, -1) {
		t.titles[m[1]] = plainText(m[2])
	}
	places := reportFigure.FindAllStringSubmatchIndex(text, -1)
	for i, at := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0] // figures do not stand in one another, and no text is looked through twice
		}
		name := text[at[2]:at[3]]
		own, _, _ := strings.Cut(text[at[1]:end], "</figure>")
		if m := reportAlt.FindStringSubmatch(own); m != nil {
			t.alts[name] = plainText(m[1])
		}
		if _, caption, ok := strings.Cut(own, "<figcaption>"); ok {
			caption, _, _ = strings.Cut(caption, "</figcaption>")
			t.captions[name] = plainText(caption)
		}
	}
	return t
}

// plainText takes the marks off a text of HTML. Subscripts and superscripts are
// written as claims have them, k_x and e^{−t}.
func plainText(text string) string {
	text = script.ReplaceAllStringFunc(text, func(mark string) string {
		m := script.FindStringSubmatch(mark)
		sign, small := map[string]string{"sub": "_", "sup": "^"}[m[1]], html.UnescapeString(m[2])
		if strings.ContainsFunc(small, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			small = "{" + small + "}"
		}
		return sign + html.EscapeString(small)
	})
	return oneLine(html.UnescapeString(tags.ReplaceAllString(text, "")))
}
