package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"strconv"
	"strings"

	"modspec/engine/regularfile"
	"modspec/engine/results"
	"modspec/engine/serve/columns"
)

// A refusal is an error with the status that it is answered with.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, arguments ...any) error {
	return &refusal{status, fmt.Sprintf(format, arguments...)}
}

func badRequest(err error) error { return &refusal{http.StatusBadRequest, err.Error()} }

// statusOf returns the status and the text that an error is answered with.
func statusOf(err error) (int, string) {
	var r *refusal
	var damaged *results.DamagedError
	var file *regularfile.Error
	var system *fs.PathError
	var limit *columns.LimitError
	var large *columns.TooLargeError
	var body *http.MaxBytesError
	switch {
	case errors.As(err, &r):
		return r.status, r.text
	case errors.As(err, &body):
		return http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is longer than %d bytes", body.Limit)
	case errors.As(err, &damaged), errors.As(err, &file), errors.As(err, &limit), errors.As(err, &large):
		return http.StatusUnprocessableEntity, err.Error()
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusServiceUnavailable, fmt.Sprintf("a file was removed, or is not there yet; ask again: %v", err)
	case errors.Is(err, fs.ErrPermission):
		return http.StatusUnprocessableEntity, err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, fmt.Sprintf("the answer takes longer than %v; ask for less, by where or by fewer columns", requestTime)
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable, "the server is shutting down, or the request was given up"
	}
	if errors.As(err, &system) { // a broken or circular link, a disk error
		return http.StatusUnprocessableEntity, err.Error()
	}
	return http.StatusInternalServerError, err.Error()
}

// oneLine makes a message one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type errorJSON struct {
	Error string `json:"error"`
}

// fail answers with an error.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := statusOf(err)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	send(w, r, status, errorJSON{oneLine(text)})
}

// compressFrom is the length from which an answer is worth compressing.
const compressFrom = 1 << 10

// send answers with a value as JSON.
func send(w http.ResponseWriter, r *http.Request, status int, value any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		status = http.StatusInternalServerError
		b.Reset()
		b.WriteString(`{"error":"the answer could not be written as JSON"}` + "\n")
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	body := b.Bytes()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= compressFrom && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = compressed(body, gzip.BestSpeed)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(parameters, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func compressed(body []byte, level int) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	z.Write(body)
	z.Close()
	return b.Bytes()
}

// Numbers are written without reflection: there are many of them. What is not
// finite is null.
type numbers []float64

func (list numbers) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 12*len(list)+2)
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendNumber(b, v)
	}
	return append(b, ']'), nil
}

func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// jsonOf is json.Marshal with letters left as they are.
func jsonOf(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}
