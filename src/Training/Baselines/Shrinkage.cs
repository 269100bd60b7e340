namespace MetaMap.Training.Baselines;

/// <summary>
/// How far the mean residual of a group is to be trusted: y = offset of its group + noise, with both variances estimated from the training groups
/// by their moments (analysis of variance with one factor; Searle, Casella and McCulloch 1992, section 3.6).
/// </summary>
internal static class Shrinkage
{
    /// <summary>The variance of the noise over that of the offsets; infinite when groups do not differ by more than noise.</summary>
    /// <param name="groups">Residuals of each group; empty groups do not count.</param>
    public static double Of(IEnumerable<IReadOnlyCollection<double>> groups)
    {
        (double Count, double Mean, double Within)[] all =
        [
            .. groups.Where(group => group.Count > 0).Select(group =>
            {
                double mean = group.Average();
                return ((double)group.Count, mean, group.Sum(value => (value - mean) * (value - mean)));
            }),
        ];
        double total = all.Sum(group => group.Count);
        if (all.Length < 2 || total <= all.Length)
        {
            return double.PositiveInfinity;
        }

        double mean = all.Sum(group => group.Count * group.Mean) / total;
        double noise = all.Sum(group => group.Within) / (total - all.Length);
        double between = all.Sum(group => group.Count * (group.Mean - mean) * (group.Mean - mean)) - ((all.Length - 1) * noise);
        double offsets = between / (total - (all.Sum(group => group.Count * group.Count) / total));
        return offsets > 0 ? noise / offsets : double.PositiveInfinity;
    }

    /// <summary>The offset of a group whose residuals are seen: their sum over their number and the ratio of the variances.</summary>
    /// <param name="sum">Their sum.</param>
    /// <param name="count">Their number.</param>
    /// <param name="ratio">Of the variances, from <see cref="Of"/>.</param>
    public static double Offset(double sum, int count, double ratio) => count == 0 || double.IsPositiveInfinity(ratio) ? 0 : sum / (count + ratio);
}
