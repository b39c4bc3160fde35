package serve

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"

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
	files, err := s.figureFiles(dirOrRoot(q.dir()), claims)
	if err != nil {
		return err
	}
	send(w, r, http.StatusOK, reproductionJSON{
		Dir: q.dir(), Name: e.Name, Claims: len(claims.Claims), Holding: claims.Holding(),
		Provenance: claims.Provenance, Report: e.Report, Studies: studiesOf(claims, q.dir(), files),
	})
	return nil
}

// studiesOf brings the claims and the figures of each study together. Of a file
// without studies the claims' ids name them.
func studiesOf(claims results.ClaimsFile, dir string, files map[string]bool) []studyJSON {
	list := []studyJSON{}
	for _, study := range claims.Studies {
		out := studyJSON{ID: study.ID, Title: oneLine(study.Title), Claims: []results.Claim{}, Figures: []figureJSON{}}
		for _, f := range study.Figures {
			out.Figures = append(out.Figures, figureJSON{
				Name: f.Name, Caption: oneLine(f.Caption), Alt: oneLine(f.Alt),
				SVG: figureAddress(dir, f.Name+".svg", files), PNG: figureAddress(dir, f.Name+".png", files),
			})
		}
		list = append(list, out)
	}
	for _, c := range claims.Claims {
		id := results.StudyOf(c.ID)
		i := slices.IndexFunc(list, func(s studyJSON) bool { return s.ID == id })
		if i < 0 {
			i = len(list)
			list = append(list, studyJSON{ID: id, Title: id, Figures: []figureJSON{}})
		}
		list[i].Claims = append(list[i].Claims, c)
	}
	return list
}

// figureAddress returns the address of a figure's file, or "" where it is missing.
func figureAddress(dir, file string, files map[string]bool) string {
	if !files[file] {
		return ""
	}
	return "/api/reproduction/figure?" + url.Values{"dir": {dir}, "file": {file}}.Encode()
}

// figureFiles returns the files of a reproduction's figures that are there.
func (s *Server) figureFiles(dir string, claims results.ClaimsFile) (map[string]bool, error) {
	d, err := s.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, name := range names {
		there[name] = true
	}
	files := map[string]bool{}
	for _, study := range claims.Studies {
		for _, f := range study.Figures {
			for _, file := range []string{f.Name + ".svg", f.Name + ".png"} {
				if there[file] {
					files[file] = true
				}
			}
		}
	}
	return files, nil
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
	if !files[file] {
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
