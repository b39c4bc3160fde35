// Datasets of the paper's space as a module sees them, made from their definition:
// Omega is all patterns of ±1, one a column; Gamma_x is gamma_in copies of r times
// the identity. The reduced basis comes from the Walsh functions, which are the
// eigenvectors of X^T X.
#ifndef MODSPEC_TESTING_DATASET_H
#define MODSPEC_TESTING_DATASET_H

#include <math.h>
#include <stdint.h>
#include <vector>

namespace testing {

using Vector = std::vector<double>;

struct Dataset {
  int bits, omega_in, gamma_in, omega_out, gamma_out;
  double r;
  std::vector<int> trained; // 1 for a training example

  int examples() const { return 1 << bits; }
  int inputs() const { return omega_in + gamma_in * examples(); }
  int outputs() const { return omega_out + gamma_out * examples(); }
  int train_count() const {
    int n = 0;
    for (int t : trained) n += t;
    return n;
  }
  double sign(int bit, int e) const { return (e >> bit) & 1 ? -1 : 1; }
  double x(int j, int e) const {
    if (j < omega_in) return sign(j, e);
    return (j - omega_in) % examples() == e ? r : 0;
  }
  double y(int i, int e) const {
    if (i < omega_out) return sign(i, e);
    return (i - omega_out) % examples() == e ? r : 0;
  }
};

// Coordinates are those of training: columns q (inputs x coords) with eigenvalues d
// of Sigma_x, and Sigma_yx Q.
struct Coordinates {
  int count = 0;
  Vector q, d, yx;
};

// Sigma_yx (outputs x inputs) over the training examples.
inline Vector cross_moment(const Dataset &s) {
  Vector m(size_t(s.outputs()) * s.inputs());
  for (int i = 0; i < s.outputs(); i++)
    for (int j = 0; j < s.inputs(); j++)
      for (int e = 0; e < s.examples(); e++)
        if (s.trained[e]) m[i * s.inputs() + j] += s.y(i, e) * s.x(j, e) / s.train_count();
  return m;
}

// The reduced coordinates, completed to all inputs by Gram and Schmidt if asked for,
// with d = 0. Some examples only are trained on where there is no Omega_x: then the
// examples themselves are orthogonal, else the Walsh functions' images are.
inline Coordinates reduced(const Dataset &s, bool completed) {
  const int n = s.inputs(), examples = s.examples();
  const bool all = s.train_count() == examples;
  std::vector<Vector> columns;
  Coordinates c;
  for (int set = 0; set < examples; set++) {
    if (!all && !s.trained[set]) continue;
    Vector v(n);
    double square = 0;
    for (int j = 0; j < n; j++) {
      if (all)
        for (int e = 0; e < examples; e++) v[j] += s.x(j, e) * (__builtin_popcount(e & set) & 1 ? -1 : 1);
      else
        v[j] = s.x(j, set);
      square += v[j] * v[j];
    }
    if (square == 0) continue;
    for (double &x : v) x /= sqrt(square);
    columns.push_back(v);
    c.d.push_back(all ? square / examples / examples : square / s.train_count());
  }
  for (int j = 0; completed && j < n; j++) {
    Vector v(n);
    v[j] = 1;
    for (int twice = 0; twice < 2; twice++)
      for (const Vector &u : columns) {
        double dot = 0;
        for (int k = 0; k < n; k++) dot += u[k] * v[k];
        for (int k = 0; k < n; k++) v[k] -= dot * u[k];
      }
    double square = 0;
    for (double x : v) square += x * x;
    if (square < 0.001) continue; // the columns span nearly all of it: the other unit vectors do as well
    for (double &x : v) x /= sqrt(square);
    columns.push_back(v);
    c.d.push_back(0);
  }
  c.count = int(columns.size());
  c.q.resize(size_t(n) * c.count);
  c.yx.resize(size_t(s.outputs()) * c.count);
  const Vector m = cross_moment(s);
  for (int k = 0; k < c.count; k++) {
    for (int j = 0; j < n; j++) c.q[j * c.count + k] = columns[k][j];
    for (int i = 0; i < s.outputs(); i++)
      for (int j = 0; j < n; j++) c.yx[i * c.count + k] += m[i * n + j] * columns[k][j];
  }
  return c;
}

} // namespace testing

#endif
