package reference

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"modspec/engine/program"
)

func sum(out []float64, n *program.Node, x tensor) {
	before, length, after := around(x.shape, n.Axis)
	for i := range before {
		for k := range length {
			floats.Add(out[i*after:(i+1)*after], x.data[(i*length+k)*after:(i*length+k+1)*after])
		}
	}
}

// rows applies an operation to each row, the last axis of x.
func rows(out []float64, n *program.Node, x tensor) {
	length := x.shape[len(x.shape)-1]
	if length == 0 {
		return
	}
	for at := 0; at < len(out); at += length {
		to, from := out[at:at+length], x.data[at:at+length]
		switch n.Op {
		case program.Softmax:
			softmax(to, from)
		case program.LogSoftmax:
			logSoftmax(to, from)
		case program.TopK:
			topK(to, from, n.Count)
		}
	}
}

// largest is the maximum, NaN if one element is NaN.
func largest(x []float64) float64 {
	m := x[0]
	for _, v := range x[1:] {
		m = maximum(m, v)
	}
	return m
}

// softmax divides e^(x−m) by its sum, m the largest element, so that nothing
// overflows.
func softmax(to, from []float64) {
	m := largest(from)
	for i, v := range from {
		to[i] = math.Exp(v - m)
	}
	floats.Scale(1/floats.Sum(to), to)
}

func logSoftmax(to, from []float64) {
	m := largest(from)
	total := 0.0
	for _, v := range from {
		total += math.Exp(v - m)
	}
	for i, v := range from {
		to[i] = v - m - math.Log(total)
	}
}

// topK marks an element if fewer than count others are before it: larger, or
// equal and earlier.
func topK(to, from []float64, count int) {
	for i, v := range from {
		before := 0
		for j, w := range from {
			switch {
			case w > v, w == v && j < i:
				before++
			case math.IsNaN(v) && (!math.IsNaN(w) || j < i):
				before++
			}
		}
		to[i] = 0
		if before < count {
			to[i] = 1
		}
	}
}
