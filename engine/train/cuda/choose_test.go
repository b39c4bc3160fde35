//go:build gpu

package cuda

import (
	"math/rand/v2"
	"strings"
	"testing"

	"modspec/engine/dataset"
	"modspec/engine/kind/linear"
	"modspec/engine/network"
	"modspec/kernels"
)

// optIn is the shared memory that a block of an H200 may ask for.
const optIn = 227 << 10

func kernelList(t *testing.T) []kernels.Kernel {
	t.Helper()
	list, err := kernels.Kernels()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// choiceOf is the kernel for the first module of a network.
func choiceOf(t *testing.T, a network.Architecture, p dataset.Point, rule network.Rule, precision Precision) string {
	t.Helper()
	k, err := newTask(a, &linear.Task{Point: p}, rule)
	if err != nil {
		t.Fatal(err)
	}
	if k.large {
		return "large"
	}
	c, err := choose(&k.modules[0].shape, precision, optIn, kernelList(t), anyFamily)
	if err != nil {
		return "large"
	}
	return c.kernel
}

func TestKernelsAreChosenByShape(t *testing.T) {
	wide := dataset.NewPoint(6, 6, 1, 3, 1, 1)
	for _, c := range []struct {
		name      string
		arch      network.Architecture
		point     dataset.Point
		rule      network.Rule
		precision Precision
		want      string
	}{
		{"the paper's", network.Dense(50), paperPoint, network.Rule{}, Float32, "registers_l8u7o9c8_f32"},
		{"the paper's, float64", network.Dense(50), paperPoint, network.Rule{}, Float64, "shared_warp_f64"},
		{"another rule", network.Dense(50), paperPoint, network.Rule{Gamma: 1}, Float32, "shared_warp_f32"},
		{"completed basis", network.Dense(50), paperPoint, network.Rule{Beta: 0.001}, Float32, "shared_block_f32"},
		{"two hidden layers", network.Dense(50, 20), paperPoint, network.Rule{}, Float32, "shared_warp_f32"},
		{"shallow", network.Shallow(), paperPoint, network.Rule{}, Float32, "shallow_l8_f32"},
		{"shallow, float64", network.Shallow(), paperPoint, network.Rule{}, Float64, "shallow_l8_f64"},
		{"large and shallow", network.Shallow(), wide, network.Rule{}, Float32, "shallow_block_f32"},
		{"six bits", network.Dense(50), wide, network.Rule{}, Float32, "shared_block_f32"},
		{"too large", network.Dense(400), wide, network.Rule{}, Float32, "large"},
		{"many layers", network.Dense(3, 3, 3, 3, 3, 3, 3, 3), paperPoint, network.Rule{}, Float32, "large"},
		{"much too large", network.Dense(256), dataset.NewPoint(9, 9, 1, 3, 1, 1), network.Rule{}, Float32, "large"},
	} {
		if got := choiceOf(t, c.arch, c.point, c.rule, c.precision); got != c.want {
			t.Errorf("%s: the kernel is %s, want %s", c.name, got, c.want)
		}
	}
}

// Of the classes that keep weights in registers the one of least cost is chosen among
// those that fit; every choice is a kernel that there is, and its blocks fit a device.
func TestChoicesExistAndFit(t *testing.T) {
	list := kernelList(t)
	names := map[string]kernels.Kernel{}
	for _, k := range list {
		names[k.Name] = k
	}
	rng := rand.New(rand.NewPCG(5, 6))
	seen := map[string]bool{}
	for range 3000 {
		s := someShape(rng)
		if rng.IntN(2) == 0 { // mostly small, without rules
			s = shape{layers: 2, reduced: true, coords: 1 + rng.Int64N(18), widths: [maxLayers + 1]int64{40, 1 + rng.Int64N(120), 1 + rng.Int64N(16)}}
		}
		for _, precision := range []Precision{Float32, Float64} {
			c, err := choose(&s, precision, optIn, list, anyFamily)
			if err != nil {
				continue
			}
			k, known := names[c.kernel]
			if !known {
				t.Fatalf("shape %+v: there is no kernel %s", s, c.kernel)
			}
			kind, _, _ := strings.Cut(k.Name, "_")
			seen[kind] = true
			if most := c.shared + sharedOverhead; most > optIn || kind == "shared" && c.shared < 4*int(s.sharedReals()) {
				t.Errorf("shape %+v: kernel %s has %d bytes of shared memory", s, c.kernel, c.shared)
			}
			if k.Operation != "registers" {
				continue
			}
			cost := func(k kernels.Kernel) int {
				return k.Parameters["l"] * k.Parameters["u"] * k.Parameters["o"] * k.Parameters["c"]
			}
			for _, other := range list {
				p := other.Parameters
				fits := other.Operation == "registers" && int(s.widths[1]) <= p["l"]*p["u"] && int(s.widths[2]) <= p["o"] && int(s.coords) <= p["c"]
				if fits && cost(other) < cost(k) || other.Name == k.Name && !fits {
					t.Errorf("shape %+v: %s is chosen, but %s fits: %v", s, c.kernel, other.Name, fits)
				}
			}
		}
	}
	for _, operation := range []string{"registers", "shared", "shallow"} {
		if !seen[operation] {
			t.Errorf("no shape was given to a kernel of %s", operation)
		}
	}
}

// The general kernels take no more shared memory beside their items than is planned.
func TestSharedOverhead(t *testing.T) {
	for _, k := range kernelList(t) {
		if !strings.HasPrefix(k.Name, "shared_") {
			continue
		}
		for arch, r := range k.Resources {
			if r.Shared > sharedOverhead {
				t.Errorf("%s takes %d bytes of shared memory of its own on %s, more than the %d planned", k.Name, r.Shared, arch, sharedOverhead)
			}
		}
	}
}

// A launch covers all items, and no more blocks than the device holds.
func TestGeometry(t *testing.T) {
	for _, c := range []choice{
		{kernel: "registers", lanes: 8, warps: 4}, {kernel: "registers", lanes: 4, warps: 4}, {kernel: "shared_warp", lanes: 32, warps: 8, shared: 9000},
		{kernel: "shared_warp", lanes: 32, warps: 8, shared: 13 << 10}, {kernel: "shared_block", warps: 8, shared: 100000}, {kernel: "shallow_block", warps: 8},
	} {
		for _, items := range []int{1, 3, 4, 5, 100, 1000, 4224, 4225, 1 << 20} {
			const multiprocessors, most = 132, 264
			g, err := c.over(items, multiprocessors, optIn, func(threads, shared int) (int, error) {
				if shared+sharedOverhead > optIn || threads > 256 || threads%32 != 0 {
					t.Errorf("%+v: a block of %d threads with %d bytes", c, threads, shared)
				}
				return most, nil
			})
			lanes := c.lanes
			if lanes == 0 {
				lanes = g.threads
			}
			if err != nil || g.blocks < 1 || g.blocks > most || g.groups != g.blocks*g.threads/lanes {
				t.Errorf("%+v, %d items: %+v, %v", c, items, g, err)
			}
			if g.blocks < most && g.groups < items {
				t.Errorf("%+v, %d items: %+v leaves the device idle", c, items, g)
			}
		}
	}
}
