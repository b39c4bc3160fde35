import type { Theory } from "../api/types";
import { number, whole } from "../page/number";
import { stops, type Settings } from "./settings";

/** A change that is worth trying. */
export interface Trial {
  readonly label: string;
  readonly change: Partial<Settings>;
}

/** What to look for in a network, and what to try next. */
export interface Lesson {
  readonly text: string;
  readonly trials: readonly Trial[];
}

/** How a run ended, as far as it has. */
export interface Outcome {
  readonly diverged: boolean;
  readonly step: number;
}

/** Says what to look for. */
export function lessonOf(settings: Settings, theory: Theory | undefined, outcome: Outcome | undefined): Lesson {
  if (outcome?.diverged) {
    return {
      text: `Training diverged at step ${whole(outcome.step)}: the learning rate is too large for this dataset, whose strongest mode grows with P, k_x and r.`,
      trials: [{ label: `Learning rate ${number(below(settings.lr))}`, change: { lr: below(settings.lr) } }],
    };
  }
  const main = architecture(settings, theory);
  const late = lateness(settings, theory);
  const large = settings.init_scale >= 0.02 ? "Initial weights this large leave traces in directions that no example has; training never touches them, and the measured quadrants end away from theory’s." : "";
  return { text: [main.text, large, late?.text].filter(Boolean).join(" "), trials: [...main.trials, ...(late?.trials ?? [])] };
}

function architecture(settings: Settings, theory: Theory | undefined): Lesson {
  const { arch, bits, kx, r, ny } = settings;
  const examples = 2 ** bits;
  const pull = kx * r * r;
  const s = theory?.end["systematicity"] ?? examples / (examples + pull);
  if (ny === 0) {
    return { text: "No compositional output is asked for, so there is no systematicity to measure.", trials: [{ label: "Ask for one bit", change: { ny: 1 } }] };
  }
  if (pull === 0) {
    return {
      text: "Without non-compositional inputs the network has only the bits to answer from: S is 1, whatever the architecture. Give each example an input of its own and see what happens.",
      trials: [{ label: "k_x = 3", change: { kx: 3, ...(r === 0 ? { r: 1 } : {}) } }],
    };
  }
  const share = `${number(100 * (1 - s), 2)} %`;
  const fraction = Number.isInteger(pull) ? ` = ${examples}/${examples + pull}` : "";
  const deep = settings.depth > 1 && arch !== "shallow" ? " More layers change when things are learned, not S." : "";
  switch (arch) {
    case "partitioned":
      return {
        text: `Watch S reach 1. The module for Ωy never sees Γx, so its answer can only come from the bits: the one architecture here that answers combinations it has never seen.${deep}`,
        trials: [{ label: "Let everything see everything: dense", change: { arch: "dense" } }],
      };
    case "split":
      return {
        text: `Each output has a module of its own, and the two learn at different times. But both still see Γx, and S stays at P/(P + k_x r²)${fraction} = ${number(s)}, as if they were one.${deep}`,
        trials: [{ label: "Divide the inputs too: partitioned", change: { arch: "partitioned" } }],
      };
    case "shallow":
      return {
        text: `Without hidden units every mode learns from the first step, with no plateau. S stays at P/(P + k_x r²)${fraction} = ${number(s)} all the same: ${share} of the compositional answer leans on Γx.`,
        trials: [{ label: "Hidden units: dense", change: { arch: "dense" } }, { label: "Partitioned", change: { arch: "partitioned" } }],
      };
    default:
      return {
        text: `Watch S. From small weights to the end of training it is P/(P + k_x r²)${fraction} = ${number(s)}: ${share} of the compositional answer leans on inputs that are each example’s own, and no training time, learning rate or depth changes that.${deep}`,
        trials: [
          { label: "Divide the outputs: split", change: { arch: "split" } },
          { label: "Divide the inputs too: partitioned", change: { arch: "partitioned" } },
          ...(r < 2 ? [{ label: "Stronger identities: r = 2", change: { r: 2 } }] : []),
        ],
      };
  }
}

/** What is still to be learned when the run ends. */
function lateness(settings: Settings, theory: Theory | undefined): Lesson | undefined {
  if (!theory) return undefined;
  const steps = stops.steps;
  const longer = steps.find((n) => n >= settings.steps * 3) ?? (steps[steps.length - 1] as number);
  const more: Trial[] = longer > settings.steps ? [{ label: `${whole(longer)} steps`, change: { steps: longer } }] : [];
  if (theory.discrete) {
    const open = theory.modes.filter((mode) => {
      const curve = theory.discrete?.[mode.column];
      const last = curve?.[curve.length - 1];
      return mode.asymptote !== null && mode.asymptote > 0 && last !== null && last !== undefined && last < mode.asymptote / 2;
    });
    if (open.length === 0) return undefined;
    const columns = [...new Set(open.map((mode) => mode.column.replace("_", " ")))];
    const names = columns.length > 1 ? `${columns.slice(0, -1).join(", ")} and ${columns[columns.length - 1]}` : columns[0];
    return { text: `After ${whole(settings.steps)} steps ${names} ${columns.length > 1 ? "are" : "is"} not half learned.`, trials: more };
  }
  if (settings.depth > 1 && settings.arch !== "shallow" && settings.init_scale < 0.05) {
    return { text: "From weights this small a deep network stays on its plateau for very long.", trials: [{ label: "Larger initial weights", change: { init_scale: settings.depth > 2 ? 0.15 : 0.1 } }] };
  }
  return undefined;
}

function below(lr: number): number {
  return [...stops.lr].reverse().find((value) => value <= lr / 2) ?? (stops.lr[0] as number);
}
