using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MetaMap.Coordinator.Http;

/// <summary>Body of <c>POST /api/runs/{id}/adapt</c>.</summary>
/// <param name="Support">Labelled examples to adapt to.</param>
/// <param name="Version">The version of the model; default: the current one.</param>
/// <param name="Steps">Inner steps, 0 to 10,000; default: those of the run's evaluation.</param>
public sealed record AdaptBody(ImmutableArray<SupportBody> Support, int? Version = null, int? Steps = null);

/// <summary>An example to adapt to: an image, a text or a row.</summary>
/// <param name="Label">Its label; not for regression.</param>
/// <param name="Image">A PNG or JPEG file, or another kind of image that the datasets take, in base64.</param>
/// <param name="Text">A text.</param>
/// <param name="Row">A row of a table or a rating, by the names of its columns.</param>
public sealed record SupportBody(string? Label = null, byte[]? Image = null, string? Text = null, ImmutableDictionary<string, JsonElement>? Row = null);

/// <summary>Body of <c>POST /api/sessions/{id}/predict</c>: one of the three.</summary>
/// <param name="Images">Image files in base64.</param>
/// <param name="Texts">Texts.</param>
/// <param name="Rows">Rows of a table, or items to rate, by the names of their columns.</param>
public sealed record PredictBody(
    ImmutableArray<byte[]>? Images = null, ImmutableArray<string>? Texts = null, ImmutableArray<ImmutableDictionary<string, JsonElement>>? Rows = null);

/// <summary>An adaptation session.</summary>
/// <param name="SessionId">Its name; whoever knows it may use it.</param>
/// <param name="RunId">The run of its model.</param>
/// <param name="Version">The version of its model.</param>
/// <param name="Labels">What it tells apart; empty for regression.</param>
/// <param name="Expires">When it is forgotten.</param>
/// <param name="Milliseconds">How long the adaptation took; in the answer to it.</param>
public sealed record SessionBody(
    [property: JsonPropertyName("sessionId")] string SessionId, string RunId, int Version, ImmutableArray<string> Labels, DateTimeOffset Expires, double? Milliseconds = null);

/// <summary>Answer of <c>POST /api/sessions/{id}/predict</c>.</summary>
/// <param name="Predictions">One for each example, in their order.</param>
public sealed record PredictionsBody(ImmutableArray<PredictionBody> Predictions);

/// <summary>A prediction: a label, or the value of regression.</summary>
/// <param name="Label">The most probable label.</param>
/// <param name="Probabilities">The probability of each label, 0 to 1.</param>
/// <param name="Value">The value, in the units of the files.</param>
public sealed record PredictionBody(string? Label = null, ImmutableSortedDictionary<string, float>? Probabilities = null, float? Value = null);
