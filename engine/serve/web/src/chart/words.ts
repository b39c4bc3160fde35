/** A quantity that trajectories hold: what it is called, where it is drawn, and as what. */
export interface Quantity {
  readonly column: string;
  readonly label: string;
  /** The place of its colour and marker. */
  readonly hue: number;
}

/** Losses, in the order they are drawn. */
export const losses: readonly Quantity[] = [
  { column: "train_loss", label: "training", hue: 6 },
  { column: "train_loss_omega", label: "training Ωy", hue: 0 },
  { column: "train_loss_gamma", label: "training Γy", hue: 1 },
  { column: "test_loss", label: "test", hue: 4 },
  { column: "test_loss_omega", label: "test Ωy", hue: 5 },
  { column: "test_loss_gamma", label: "test Γy", hue: 3 },
];

/** The quadrants of the learned map, as the paper's figures name them. */
export const quadrants: readonly Quantity[] = [
  { column: "quadrant_omega_omega", label: "Ωx→Ωy", hue: 0 },
  { column: "quadrant_gamma_omega", label: "Γx→Ωy", hue: 1 },
  { column: "quadrant_omega_gamma", label: "Ωx→Γy", hue: 2 },
  { column: "quadrant_gamma_gamma", label: "Γx→Γy", hue: 3 },
];

/** The modes of the paper's datasets. */
export const modes: readonly Quantity[] = [1, 2, 3, 4].map((k) => ({ column: `mode_${k}`, label: `mode ${k}`, hue: k - 1 }));
