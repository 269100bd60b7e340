using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Stores;

/// <summary>How stores write a <see cref="RunStatus"/>: one word for a run that is queued or in training; having an owner tells them apart.</summary>
internal static class StoredStatus
{
    private const string Active = "Active";

    /// <summary>The word.</summary>
    public static string Write(RunStatus status) => status is RunStatus.Queued or RunStatus.Training ? Active : status.ToString();

    /// <summary>The status; null for a word of another version.</summary>
    /// <param name="word">As <see cref="Write"/> gives it.</param>
    /// <param name="owner">The run's owner, or null.</param>
    public static RunStatus? Read(string word, string? owner) =>
        word == Active ? owner is null ? RunStatus.Queued : RunStatus.Training
        : Enum.TryParse(word, out RunStatus status) && Write(status) == word ? status : null;
}
