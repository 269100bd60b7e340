namespace MetaMap.Data;

/// <summary>The form of a few-shot episode: N ways, K shots in the support set and Q queries, both per class.</summary>
/// <param name="Ways">Classes per episode, at least 2.</param>
/// <param name="Shots">Support examples per class, at least 1.</param>
/// <param name="Queries">Query examples per class, at least 1.</param>
public readonly record struct EpisodeShape(int Ways, int Shots, int Queries)
{
    /// <summary>Whether a class has examples enough for shots and queries.</summary>
    public bool Suffices(DatasetClass item) => item.ExampleCount >= (long)Shots + Queries;

    /// <summary>Readable text, e.g. <c>5-way 1-shot</c>, or <c>5-shot</c> for regression.</summary>
    public override string ToString() => Ways == 1 ? $"{Shots}-shot" : $"{Ways}-way {Shots}-shot";
}
