namespace MetaMap.Training.Evaluation;

/// <summary>What a baseline achieves on the episodes of an evaluation.</summary>
/// <param name="Name">The baseline's.</param>
/// <param name="Measure">The share of queries labelled correctly, 0 to 1, or the mean squared error of regression.</param>
public sealed record BaselineResult(string Name, MeanWithInterval Measure);
