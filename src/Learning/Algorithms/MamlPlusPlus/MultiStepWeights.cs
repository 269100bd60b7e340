namespace MetaMap.Learning.Algorithms;

/// <summary>Weights of the query losses after every inner step (Antoniou et al. 2019, section 4, multi-step loss optimisation).</summary>
/// <remarks>
/// They move linearly from 1/K each to the last step alone. Deviation: they move with every iteration, where the
/// authors' code moves them once an epoch and keeps 0.03/K on the earlier steps until the schedule ends.
/// </remarks>
internal static class MultiStepWeights
{
    /// <summary>Weights of the losses after 0, 1, …, K inner steps; they sum to 1 and the first is 0 unless K is 0.</summary>
    /// <param name="iteration">The meta-iteration, from 1.</param>
    /// <param name="innerSteps">K, 0 or more.</param>
    /// <param name="iterations">Meta-iterations of the schedule; after them only the last step counts.</param>
    public static IReadOnlyList<double> At(int iteration, int innerSteps, int iterations)
    {
        double[] weights = new double[innerSteps + 1];
        weights[innerSteps] = 1;
        if (iteration <= iterations && innerSteps > 1)
        {
            double each = (1 - (iteration - 1) / (double)iterations) / innerSteps;
            weights.AsSpan(1, innerSteps - 1).Fill(each);
            weights[innerSteps] = 1 - each * (innerSteps - 1);
        }

        return weights;
    }
}
