/** A quantity that trajectories hold: what it is called, where it is drawn, and as what. */
export interface Quantity {
  readonly column: string;
  readonly label: string;
  /** The place of its colour and marker. */
  readonly hue: number;
}

/** The quadrants of the learned map, as the paper's figures name them. */
export const quadrants: readonly Quantity[] = [
  { column: "quadrant_omega_omega", label: "Ωx→Ωy", hue: 0 },
  { column: "quadrant_gamma_omega", label: "Γx→Ωy", hue: 1 },
  { column: "quadrant_omega_gamma", label: "Ωx→Γy", hue: 2 },
  { column: "quadrant_gamma_gamma", label: "Γx→Γy", hue: 3 },
];

/** The modes of the paper's datasets. */
export const modes: readonly Quantity[] = [1, 2, 3, 4].map((k) => ({ column: `mode_${k}`, label: `mode ${k}`, hue: k - 1 }));
