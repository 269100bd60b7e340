using MetaMap.Training.Configuration;

namespace MetaMap.Training.Loop;

/// <summary>The outer learning rate of each iteration.</summary>
internal static class LearningRateSchedule
{
    /// <summary>
    /// A linear rise over the warm-up (Goyal et al. 2017, section 2.2), then constant, or a half cosine from
    /// <see cref="RunOptions.MetaLr"/> to <see cref="RunOptions.MetaLrFinal"/> (Loshchilov and Hutter 2017, eq. 5, without restarts).
    /// </summary>
    /// <param name="options">The run's.</param>
    /// <param name="iteration">From 1.</param>
    public static double At(RunOptions options, int iteration)
    {
        double first = options.MetaLr;
        if (iteration <= options.WarmupIterations)
        {
            return first * iteration / (options.WarmupIterations + 1);
        }

        double last = options.MetaLrFinal ?? first;
        double progress = (iteration - 1 - options.WarmupIterations) / (double)Math.Max(1, options.Iterations - 1 - options.WarmupIterations);
        return last + (first - last) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
