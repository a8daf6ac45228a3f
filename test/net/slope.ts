/** Least squares: how much `y` rises with each unit of `x`. NaN of fewer than two different `x`. */
export interface Point {
  readonly x: number
  readonly y: number
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

export const slopeOf = (points: readonly Point[]): number => {
  const middleX = mean(points.map(({ x }) => x))
  const middleY = mean(points.map(({ y }) => y))
  let [products, squares] = [0, 0]
  for (const { x, y } of points) {
    products += (x - middleX) * (y - middleY)
    squares += (x - middleX) ** 2
  }
  return products / squares
}
