package study

import (
	"context"
	"testing"
)

func TestFullRank(t *testing.T) {
	o, err := fullRank.Judge(context.Background(), Evidence{})
	allHold(t, o, err)
}

func TestFullRankNoticesFaults(t *testing.T) {
	results := func() []rankResult {
		var all []rankResult
		for _, n := range []int{4, 5} {
			r, err := newRankResult(context.Background(), n, 2000, 1)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
		return all
	}
	for _, c := range rankClaims(results(), 2000) {
		if !c.Pass {
			t.Errorf("%s does not hold before anything is planted", c.ID)
		}
	}
	all := results()
	all[0].exact[1] += 1.0 / 4368 // one of C(16, 5) sets judged wrongly
	mustFail(t, rankClaims(all, 2000), "full-rank/enumerated", "one set of wrong rank")

	all = results()
	copy(all[1].exact, all[1].exact[1:]) // m taken for m + 1
	mustFail(t, rankClaims(all, 2000), "full-rank/sampled", "m off by one")

	all = results()
	for i := range 6 {
		all[1].exact[i] = 0.9
	}
	mustFail(t, rankClaims(all, 2000), "full-rank/few-examples", "a probability that grows too late")
}

func TestFullRankStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sampleFullRank(ctx, 5, 10, 0); err == nil {
		t.Error("no error from a cancelled context")
	}
}
