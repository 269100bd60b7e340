using System.Collections.Immutable;
using MetaMap.Learning.Models;

namespace MetaMap.Learning.Layered;

/// <summary>Inner rates that are meta-parameters: one tensor for each parameter that adapts, after the network's parameters.</summary>
internal enum LearnedRates
{
    /// <summary>One constant rate.</summary>
    None,

    /// <summary>A rate for every weight (Meta-SGD).</summary>
    PerWeight,

    /// <summary>A rate for every tensor and step, [steps] (MAML++); later steps use the last.</summary>
    PerStep,
}

/// <summary>An inner loop of gradient descent, and what is differentiated through it.</summary>
/// <param name="Steps">0 or more.</param>
/// <param name="Rate">Inner rate of the adapting weights, where rates are not learned.</param>
/// <param name="Adapts">Whether each entry of the network's parameters adapts.</param>
internal sealed record LayeredInnerLoop(int Steps, double Rate, ImmutableArray<bool> Adapts)
{
    /// <summary>Which rates are meta-parameters.</summary>
    public LearnedRates LearnedRates { get; init; }

    /// <summary>The first meta-iterations, whose gradient takes those of the support loss for constants; <see cref="int.MaxValue"/> for all.</summary>
    public int FirstOrderIterations { get; init; }

    /// <summary>Weights of the query loss after 0, 1, …, Steps inner steps in a meta-iteration; null where only the last counts.</summary>
    public Func<int, IReadOnlyList<double>>? StepWeights { get; init; }

    /// <summary>
    /// For every scale of batch norm the position of its running mean [steps + 1, channels], which the variance follows; the parameters
    /// that do not adapt are [steps + 1, channels] then, one row for each step (MAML++). Null where batch norm is the same at every step.
    /// </summary>
    public IReadOnlyDictionary<int, int>? RunningMeans { get; init; }

    /// <summary>Pulls towards the first weights, and takes the gradient at the last weights for that of an optimum (iMAML); null for the gradient through the steps.</summary>
    public ImplicitGradient? Implicit { get; init; }

    /// <summary>Whether a gradient may go through all steps, which must be kept then.</summary>
    public bool KeepsSteps => FirstOrderIterations < int.MaxValue && Implicit is null;
}

/// <summary>The implicit gradient at a proximal optimum, (I + H/lambda)^-1 times the query gradient, by conjugate gradients (iMAML).</summary>
/// <param name="ProximalStrength">Lambda, above 0.</param>
/// <param name="CgSteps">Most conjugate-gradient steps, 1 or more.</param>
internal sealed record ImplicitGradient(double ProximalStrength, int CgSteps);

/// <summary>An algorithm whose meta-gradients <see cref="LayeredMaml{T}"/> can compute.</summary>
internal interface ILayeredAlgorithm
{
    /// <summary>Its inner loop.</summary>
    LayeredInnerLoop LayeredLoop(IModel model);
}
