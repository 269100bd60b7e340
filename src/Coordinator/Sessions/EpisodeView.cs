using System.Collections.Immutable;

namespace MetaMap.Coordinator.Sessions;

/// <summary>An episode for people to look at.</summary>
/// <param name="Version">The version of the model that predicts.</param>
/// <param name="Iteration">The iteration whose episode it is.</param>
/// <param name="Classes">Its classes, in label order.</param>
/// <param name="Milliseconds">How long the adaptation took.</param>
/// <param name="Made">When.</param>
internal sealed record EpisodeView(int Version, int Iteration, ImmutableArray<ViewedClass> Classes, double Milliseconds, DateTimeOffset Made);

/// <summary>A class of it.</summary>
/// <param name="Name">As the data names it.</param>
/// <param name="Degrees">By how much its images are turned, counter-clockwise.</param>
/// <param name="Support">PNG files of what the model was adapted to.</param>
/// <param name="Query">What it predicts.</param>
internal sealed record ViewedClass(string Name, int Degrees, ImmutableArray<byte[]> Support, ImmutableArray<ViewedQuery> Query);

/// <summary>A query image.</summary>
/// <param name="Image">PNG file.</param>
/// <param name="Predicted">The most probable class, its place in the episode.</param>
/// <param name="Probability">How probable.</param>
internal readonly record struct ViewedQuery(byte[] Image, int Predicted, float Probability);
