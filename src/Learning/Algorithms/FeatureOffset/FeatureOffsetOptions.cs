using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Training.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="FeatureOffsetDefinition"/>.</summary>
internal sealed record FeatureOffsetOptions
{
    /// <summary>The offset is found by ridge regression.</summary>
    public const string ClosedForm = "closed-form";

    /// <summary>The offset is found by an inner loop on the offset alone.</summary>
    public const string Gradient = "gradient";

    /// <summary>How the offset is found.</summary>
    [Description("How the offset of the features is found: closed-form or gradient.")]
    public string OffsetSolver { get; init; } = ClosedForm;
}

/// <summary>Options of the solver <see cref="FeatureOffsetOptions.ClosedForm"/>.</summary>
internal sealed record ClosedFormOptions
{
    /// <summary>Holds the offset near zero.</summary>
    [Description("Ridge that holds the closed-form offset near zero."), AtLeast(0)]
    public double OffsetRidge { get; init; } = 0.01;
}

/// <summary>Options of the solver <see cref="FeatureOffsetOptions.Gradient"/>.</summary>
internal sealed record GradientOptions : IAdaptsInEvaluation
{
    /// <summary>Inner-loop learning rate under a mean loss.</summary>
    [Description("Inner-loop learning rate under a mean loss."), AtLeast(0)]
    public double InnerLr { get; init; } = 0.5;

    /// <summary>Inner-loop steps in training.</summary>
    [Description("Inner-loop steps in training."), AtLeast(1)]
    public int InnerSteps { get; init; } = 5;

    /// <inheritdoc />
    [Description("Inner-loop steps in evaluation."), AtLeast(0), AtMost(IAdaptsInEvaluation.MostInnerSteps)]
    public int EvalInnerSteps { get; init; } = 5;
}
