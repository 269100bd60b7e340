namespace MetaMap.Data;

/// <summary>The form of a few-shot episode: N ways, K shots in the support set and Q queries, both per class.</summary>
/// <param name="Ways">Classes per episode, at least 2; 1 for a regression.</param>
/// <param name="Shots">Support examples per class, at least 1.</param>
/// <param name="Queries">Query examples per class, at least 1.</param>
public readonly record struct EpisodeShape(int Ways, int Shots, int Queries)
{
    /// <summary>Of supervised training, which has no episodes of some classes: it takes examples of all of them, one or more of each.</summary>
    public static EpisodeShape OfExamples { get; } = new(0, 0, 1);

    /// <summary>True for <see cref="OfExamples"/>.</summary>
    public bool IsOfExamples => this == OfExamples;

    /// <summary>Whether a class has examples enough for shots and queries.</summary>
    public bool Suffices(DatasetClass item) => item.ExampleCount >= (long)Shots + Queries;

    /// <summary>Readable text, e.g. <c>5-way 1-shot</c>, or <c>5-shot</c> for regression.</summary>
    public override string ToString() => IsOfExamples ? "all examples" : Ways == 1 ? $"{Shots}-shot" : $"{Ways}-way {Shots}-shot";
}
