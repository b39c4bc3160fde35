package kernels

import (
	"fmt"
	"strings"
	"testing"
)

// built is a manifest with one source, of images as modspec has them.
func built(archs ...string) Contents {
	source := Source{Name: "product.cu"}
	for _, arch := range archs {
		source.Images = append(source.Images, File{Arch: arch, Name: arch})
	}
	return Contents{Sources: []Source{{Name: "norm.cu"}, source}}
}

func TestChooseTakesTheNearestImage(t *testing.T) {
	// PTX stands among the others, as in the manifest, and must not win by its place.
	c := built("sm_80", "compute_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120")
	for _, test := range []struct {
		major, minor int
		want         string
	}{
		{8, 0, "sm_80"},
		{8, 6, "sm_86"},
		{8, 7, "sm_86"}, // the highest that is not above it
		{8, 9, "sm_89"},
		{9, 0, "sm_90"},
		{10, 0, "sm_100"},
		{10, 3, "sm_100"},
		{12, 0, "sm_120"},
		{12, 1, "sm_120"},
		{11, 0, "compute_80"}, // between two majors
		{13, 0, "compute_80"}, // after all
	} {
		got, err := c.Choose("product.cu", Capability{test.major, test.minor})
		if err != nil || got.Arch != test.want {
			t.Errorf("a device of %d.%d gets %q, %v; want %s", test.major, test.minor, got.Arch, err, test.want)
		}
		if got.PTX() != strings.HasPrefix(test.want, "compute") {
			t.Errorf("%s: PTX is %v", got.Arch, got.PTX())
		}
	}
}

func TestChooseDoesNotDependOnOrder(t *testing.T) {
	for _, archs := range [][]string{
		{"compute_80", "sm_80", "sm_86"}, {"sm_86", "sm_80", "compute_80"}, {"sm_86", "compute_80", "sm_80"},
	} {
		for device, want := range map[Capability]string{{8, 6}: "sm_86", {8, 5}: "sm_80", {9, 0}: "compute_80"} {
			if got, err := built(archs...).Choose("product.cu", device); err != nil || got.Arch != want {
				t.Errorf("%q: a device of %v gets %q, %v; want %s", archs, device, got.Arch, err, want)
			}
		}
	}
}

func TestChooseSaysWhatThereIs(t *testing.T) {
	c := built("sm_80", "compute_80", "sm_90")
	for _, test := range []struct {
		contents Contents
		source   string
		device   Capability
		want     string
	}{
		{c, "product.cu", Capability{7, 5},
			"kernels: the device has compute capability 7.5, and product.cu is built for 8.0, 8.0 and later (PTX), 9.0"},
		{built("sm_90"), "product.cu", Capability{10, 0},
			"kernels: the device has compute capability 10.0, and product.cu is built for 9.0"},
		{built("sm_86"), "product.cu", Capability{8, 0},
			"kernels: the device has compute capability 8.0, and product.cu is built for 8.6"},
		{c, "norm.cu", Capability{9, 0},
			"kernels: the device has compute capability 9.0, and norm.cu is built for nothing"},
		{c, "norms.cu", Capability{9, 0},
			"kernels: no device images of norms.cu; there are images of norm.cu, product.cu"},
		{Contents{}, "norms.cu", Capability{9, 0},
			"kernels: no device images of norms.cu; there are images of nothing"},
		{built("sm_9x"), "product.cu", Capability{9, 0},
			`kernels: sm_9x: architecture "sm_9x": must be like sm_90 or compute_80`},
	} {
		if _, err := test.contents.Choose(test.source, test.device); fmt.Sprint(err) != test.want {
			t.Errorf("%v for %s: %v\nwant %s", test.device, test.source, err, test.want)
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	for _, text := range []string{"", "{", `{"compilers": "x"}`, `{"sources": [{"kernels": {}}]}`} {
		if _, err := ParseManifest([]byte(text)); err == nil ||
			!strings.HasPrefix(err.Error(), "kernels: the manifest of the device images is broken: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
