using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Data;

namespace MetaMap.Training.Evaluation;

/// <summary>The parts of a dataset that a model can be evaluated on, by name.</summary>
public static class EvaluationParts
{
    /// <summary>Of a command that has the data: every class that the model was never trained on.</summary>
    public const string All = "all";

    /// <summary>The name of a part.</summary>
    public static string NameOf(SplitPart part) => part.ToString().ToLowerInvariant();

    /// <summary>Reads <c>test</c>, <c>validation</c> or <c>train</c>.</summary>
    /// <exception cref="ConfigurationException">Another name.</exception>
    public static SplitPart Read(string name) => name switch
    {
        "test" => SplitPart.Test,
        "validation" => SplitPart.Validation,
        "train" => SplitPart.Train,
        _ => throw new ConfigurationException($"There is no part '{name}'; choose one of test, validation, train.{Spelling.Question(name, ["test", "validation", "train"])}"),
    };
}
