using System.Collections.Generic;
using Cloister.Aot.TypeSystem;

namespace Cloister.Aot;

/// <summary>Somewhere delegates are kept.</summary>
/// <param name="Owner">The field, or the method whose parameter, local variable, result or value between blocks it is.</param>
/// <param name="Kind">What it is of the method.</param>
/// <param name="Index">Its number.</param>
public readonly record struct DelegatePlace(object Owner, DelegatePlaceKind Kind = DelegatePlaceKind.Field, int Index = 0);

/// <summary>The kinds of <see cref="DelegatePlace"/>.</summary>
public enum DelegatePlaceKind { Field, Parameter, Local, Result, Slot }

/// <summary>
/// Which methods the delegates in a place probably call: those of which a delegate was made that goes there, by assignments and arguments of the
/// whole program, whatever their order. A call tests for them and calls them directly, so that the C compiler can inline; what goes through arrays,
/// references and virtual calls isn't followed, so that the test may fail and has to have another side.
/// </summary>
public sealed class DelegateFlow
{
    // More are not worth the tests.
    private const int MostMethods = 2;

    private readonly Dictionary<DelegatePlace, List<MethodDesc>> _methods = [];
    private readonly Dictionary<DelegatePlace, List<DelegatePlace>> _targets = [];
    private bool _isSettled;

    /// <summary>A delegate goes to a place.</summary>
    /// <param name="source">The method of which it was made, or the <see cref="DelegatePlace"/> where it was; nothing where that isn't known.</param>
    public void Add(object? source, DelegatePlace target)
    {
        if (_isSettled)
            return;
        if (source is MethodDesc method)
            Spread(method, target);
        else if (source is DelegatePlace place && place != target)
        {
            if (!_targets.TryGetValue(place, out List<DelegatePlace>? targets))
                _targets[place] = targets = [];
            if (targets.Contains(target))
                return;
            targets.Add(target);
            foreach (MethodDesc known in _methods.GetValueOrDefault(place) ?? [])
                Spread(known, target);
        }
    }

    // One more than the most says that there are too many.
    private void Spread(MethodDesc method, DelegatePlace start)
    {
        var pending = new Stack<DelegatePlace>([start]);
        while (pending.TryPop(out DelegatePlace place))
        {
            if (!_methods.TryGetValue(place, out List<MethodDesc>? methods))
                _methods[place] = methods = [];
            if (methods.Count > MostMethods || methods.Contains(method))
                continue;
            methods.Add(method);
            foreach (DelegatePlace target in _targets.GetValueOrDefault(place) ?? [])
                pending.Push(target);
        }
    }

    /// <summary>The whole program is known: what is added from now on is known already.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>The methods, before <see cref="Settle"/> and where there are too many none.</summary>
    /// <param name="source">As for <see cref="Add"/>.</param>
    public IReadOnlyList<MethodDesc> Methods(object? source) => !_isSettled ? [] : source switch
    {
        MethodDesc method => [method],
        DelegatePlace place when _methods.TryGetValue(place, out List<MethodDesc>? methods) && methods.Count <= MostMethods => methods,
        _ => [],
    };
}
