using System;
using static System.Console;

namespace Cloister.Aot.Programs;

internal static class Interfaces
{
    public static void All()
    {
        Program.Run("interfaces/simple", Simple);
        Program.Run("interfaces/explicit", Explicit);
        Program.Run("interfaces/default", Default);
        Program.Run("interfaces/diamond", Diamond);
        Program.Run("interfaces/reimplementation", Reimplementation);
        Program.Run("interfaces/structs", OnStructs);
        Program.Run("interfaces/hiding", Hiding);
        Program.Run("interfaces/base calls", BaseCalls);
        Program.Run("interfaces/abstract", Abstract);
        Program.Run("interfaces/covariant returns", CovariantReturns);
        Program.Run("interfaces/properties", Properties);
        Program.Run("interfaces/generic twice", Twice);
        Program.Run("interfaces/inherited implementation", Inherited);
        Program.Run("interfaces/virtual in constructor", InConstructor);
        Program.Run("interfaces/sealed overrides", Sealed);
        Program.Run("interfaces/static in interface", StaticMembers);
    }

    private interface INamed
    {
        string Name { get; }
    }

    private sealed class A : INamed
    {
        public string Name => "A";
    }

    private sealed class B : INamed
    {
        public string Name => "B";
    }

    private static void Simple()
    {
        INamed[] items = [new A(), new B(), new A()];
        foreach (INamed item in items)
            Write(item.Name);
        WriteLine();
    }

    private interface ILeft
    {
        string Who();
    }

    private interface IRight
    {
        string Who();
    }

    private class Both : ILeft, IRight
    {
        string ILeft.Who() => "left";

        string IRight.Who() => "right";

        public string Who() => "own";
    }

    private static void Explicit()
    {
        var both = new Both();
        WriteLine(((ILeft)both).Who() + ((IRight)both).Who() + both.Who());
    }

    private interface IGreeter
    {
        string Name { get; }

        string Greet() => "Hello, " + Name + Suffix;

        private string Suffix => "!";
    }

    private sealed class Plain : IGreeter
    {
        public string Name => "plain";
    }

    private sealed class Custom : IGreeter
    {
        public string Name => "custom";

        public string Greet() => "Yo, " + Name;
    }

    private struct Value : IGreeter
    {
        public string Name => "value";
    }

    private static void Default()
    {
        IGreeter[] all = [new Plain(), new Custom(), new Value()];
        foreach (IGreeter greeter in all)
            WriteLine(greeter.Greet());
        WriteLine(Generic(new Value()) + Generic(new Plain()));
        static string Generic<T>(T greeter) where T : IGreeter => greeter.Greet();
    }

    private interface IRoot
    {
        string Id() => "root";
    }

    private interface IOne : IRoot
    {
        string IRoot.Id() => "one";
    }

    private interface ITwo : IOne
    {
        string IRoot.Id() => "two";
    }

    private sealed class OnlyRoot : IRoot;

    private sealed class OnlyOne : IOne;

    private sealed class Most : IOne, ITwo;

    private static void Diamond() => WriteLine(((IRoot)new OnlyRoot()).Id() + ((IRoot)new OnlyOne()).Id() + ((IRoot)new Most()).Id());

    private class First : INamed
    {
        public string Name => "first";
    }

    private class Second : First, INamed
    {
        public new string Name => "second";
    }

    private class Third : First
    {
        public new string Name => "third";
    }

    private static void Reimplementation() => WriteLine(((INamed)new First()).Name + ((INamed)new Second()).Name + ((INamed)new Third()).Name
        + new Third().Name);

    private interface ICounter
    {
        int Next();
    }

    private struct Counter : ICounter
    {
        private int _value;

        public int Next() => ++_value;
    }

    private static void OnStructs()
    {
        var counter = new Counter();
        counter.Next();
        ICounter boxed = counter;
        boxed.Next();
        ICounter same = boxed;
        WriteLine(same.Next() + " " + counter.Next());
    }

    private class Animal
    {
        public virtual string Speak() => "...";

        public string Plain() => "animal";
    }

    private class Dog : Animal
    {
        public override string Speak() => "woof";

        public new string Plain() => "dog";
    }

    private class Puppy : Dog
    {
        public new virtual string Speak() => "yip";
    }

    private sealed class Tiny : Puppy
    {
        public override string Speak() => "eek";
    }

    private static void Hiding()
    {
        Animal animal = new Tiny();
        Dog dog = new Tiny();
        Puppy puppy = new Tiny();
        WriteLine(animal.Speak() + dog.Speak() + puppy.Speak() + animal.Plain() + dog.Plain());
    }

    private class Level0
    {
        public virtual string Chain() => "0";
    }

    private class Level1 : Level0
    {
        public override string Chain() => base.Chain() + "1";
    }

    private class Level2 : Level1;

    private class Level3 : Level2
    {
        public override string Chain() => base.Chain() + "3";
    }

    private static void BaseCalls() => WriteLine(new Level3().Chain() + " " + ((Level0)new Level2()).Chain());

    private abstract class Template
    {
        public string Run() => Before() + Core() + After();

        protected virtual string Before() => "<";

        protected abstract string Core();

        protected virtual string After() => ">";
    }

    private sealed class Filled : Template
    {
        protected override string Core() => "core";

        protected override string After() => "]";
    }

    private static void Abstract() => WriteLine(new Filled().Run());

    private class Maker
    {
        public virtual object Make() => "object";
    }

    private sealed class StringMaker : Maker
    {
        public override string Make() => "string";
    }

    private static void CovariantReturns()
    {
        Maker maker = new StringMaker();
        WriteLine(maker.Make() + " " + new StringMaker().Make().Length);
    }

    private interface IBox<T>
    {
        T Value { get; set; }

        T this[int index] { get; }
    }

    private sealed class Box<T> : IBox<T>
    {
        public T Value { get; set; }

        public T this[int index] => Value;
    }

    private static void Properties()
    {
        IBox<int> box = new Box<int>();
        box.Value = 5;
        box.Value++;
        box.Value *= 2;
        WriteLine(box.Value + " " + box[3]);
    }

    private interface IHandler<T>
    {
        string Handle(T value);
    }

    private sealed class Handler : IHandler<int>, IHandler<string>
    {
        public string Handle(int value) => "int" + value;

        public string Handle(string value) => "string" + value;
    }

    private static void Twice()
    {
        object handler = new Handler();
        WriteLine(((IHandler<int>)handler).Handle(1) + ((IHandler<string>)handler).Handle("x") + (handler is IHandler<object>));
    }

    private class Provides
    {
        public string Name => "provided by the base";
    }

    private sealed class Uses : Provides, INamed;

    private static void Inherited() => WriteLine(((INamed)new Uses()).Name);

    private class Parent
    {
        public Parent() => Write("parent sees " + Describe() + "; ");

        protected virtual string Describe() => "parent";
    }

    private sealed class Child : Parent
    {
        private readonly string _initial = "initialised";
        private readonly string _late;

        public Child() => _late = "late";

        protected override string Describe() => _initial + "," + (_late ?? "null");

        public override string ToString() => Describe();
    }

    private static void InConstructor() => WriteLine(new Child());

    private class S1
    {
        public override string ToString() => "s1";
    }

    private class S2 : S1
    {
        public sealed override string ToString() => "s2";
    }

    private sealed class S3 : S2;

    private static void Sealed() => WriteLine((object)new S3() + "" + new S2() + new S1());

    private interface IFactory
    {
        static int Made;

        static string Make() => "made " + ++Made;
    }

    private static void StaticMembers() => WriteLine(IFactory.Make() + IFactory.Make());
}
