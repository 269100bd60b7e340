namespace MetaMap.Worker.Tests;

public sealed class HealthFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("metamap-health-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "health");

    [Fact]
    public void Problem_FileWrittenJustNow_IsNone()
    {
        HealthFile file = new(Path);
        file.Write("worker-1", Assert.Fail);
        Assert.Null(file.Problem(WrittenAt() + HealthFile.MaximumAge));
    }

    [Fact]
    public void Problem_FileTooOld_SaysThatTheWorkerIsNotRegisteredAnyMore()
    {
        HealthFile file = new(Path);
        file.Write("worker-1", Assert.Fail);
        Assert.Contains("any more", file.Problem(WrittenAt() + HealthFile.MaximumAge + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Problem_FileOfAnEarlierProcessCleared_SaysThatTheWorkerIsNotRegisteredYet()
    {
        HealthFile file = new(Path);
        file.Write("worker-1", Assert.Fail);
        file.Clear();
        Assert.Contains("yet", file.Problem(TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public void Write_FolderThatDoesNotExist_SaysWhyNot()
    {
        string? problem = null;
        new HealthFile("no/such/folder/health").Write("worker-1", reason => problem = reason);
        Assert.Contains("no/such/folder", problem);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private DateTimeOffset WrittenAt() => File.GetLastWriteTimeUtc(Path);
}
