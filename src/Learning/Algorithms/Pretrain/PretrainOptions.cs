using MetaMap.Core.Configuration;

namespace MetaMap.Learning.Algorithms;

/// <summary>Options of <see cref="Pretrain"/>; the number of fine-tuning steps is that of the evaluation.</summary>
/// <param name="FineTuningRate">Rate of fine-tuning under a mean loss, 0 or more.</param>
public sealed record PretrainOptions(double FineTuningRate)
{
    /// <summary>The options of a run.</summary>
    /// <param name="options">Resolved.</param>
    public static PretrainOptions From(RunOptions options) => new(options.InnerLr!.Value);
}
