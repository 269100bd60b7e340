using Akka.Event;

namespace MetaMap.Shared.Hosting;

/// <summary>Keeps our own actors' lines, and of Akka's only warnings and errors: its news of shards and endpoints helps nobody here.</summary>
internal sealed class OwnLinesFilter : LogFilterBase
{
    /// <inheritdoc />
    public override LogFilterType FilterType => LogFilterType.Content;

    /// <inheritdoc />
    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string? expandedMessage = null) =>
        content.LogLevel() >= LogLevel.WarningLevel
        || content.LogSource.Contains("/user/", StringComparison.Ordinal)
        || content.LogSource.Contains($"/sharding/{RunRegion.TypeName}/", StringComparison.Ordinal)
            ? LogFilterDecision.NoDecision
            : LogFilterDecision.Drop;
}
