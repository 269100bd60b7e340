using MetaMap.Core;

namespace MetaMap.Training.Checkpoints;

/// <summary>Which committed versions of a run stay stored: the newest ones, and every so many iterations one for good.</summary>
/// <param name="Newest">How many of the newest, 1 or more. Default 3.</param>
/// <param name="Every">Iterations whose number is a multiple of it stay; 0: none does. Default 0.</param>
public sealed record KeptVersions(int Newest = 3, int Every = 0)
{
    /// <summary>The defaults.</summary>
    public static KeptVersions Default { get; } = new();

    /// <summary>True for an iteration that stays for good.</summary>
    public bool IsForGood(int iteration) => Every > 0 && iteration > 0 && iteration % Every == 0;

    /// <summary>Those that go.</summary>
    /// <param name="newestFirst">Stored iterations, the newest first.</param>
    public IEnumerable<int> Dropped(IEnumerable<int> newestFirst) => newestFirst.Skip(Newest).Where(iteration => !IsForGood(iteration));

    /// <summary>Refuses numbers that keep nothing.</summary>
    /// <exception cref="ConfigurationException">Says which option, what it is, and what it should be.</exception>
    public void Validate()
    {
        if (Newest < 1 || Every < 0)
        {
            throw new ConfigurationException(Newest < 1 ? $"--keep-versions is {Newest}, but the newest version is always kept: it must be 1 or more."
                : $"--keep-every is {Every}, but it must be 1 or more iterations, or 0 for none.");
        }
    }
}
