/**
 * Background texts that customers also write: negative examples for a moment with few examples or without competitors. Sentences that
 * resemble an example are dropped, so none of them keeps a moment from opening.
 */
export const BACKGROUND: readonly string[] = `
hello
hi there, how are you today
thank you so much, that was very helpful
thanks
ok great, have a nice day
yes please
no thank you
who am I talking to
can I talk to a real person please
are you a robot
what are your opening hours
are you open on Sundays
where is your nearest branch
what is your phone number
how do I get in touch with support
do you have a parking lot
I have a question about something
can you help me with this
I do not understand what you mean
please ignore my last message
sorry, wrong number
let me think about it
I will get back to you next week
see you tomorrow at three
when will my order arrive
where is my parcel, it should have been here by now
I would like to send these shoes back
how do I get my money back
the item I received is damaged
you sent me the wrong size
is this jacket still in stock
do you have this in another colour
how much does it cost
is there a discount for students
my voucher code does not work
I want to cancel my subscription
how do I stop these emails
please take me off your list
I forgot my password
I cannot log in to my account
the app keeps crashing on my phone
the website shows an error page
how do I change my email address
I have a new phone number
we moved to a new apartment last month
please update my delivery address
I think somebody used my card
there is a payment on my statement that I do not recognise
why was I charged twice
when is my bill due
can I pay in instalments
my card was declined at the shop
what is the balance of my account
how do I send money abroad
what is the exchange rate for dollars
I lost my wallet
please block my card at once
I would like to open a savings account
can I raise my credit limit
what interest do you charge on loans
I would like a copy of the invoice
do I have to pay tax on this
my service was terrible and nobody called me back
I want to make a complaint
your driver was very friendly
the room was dirty and cold
this is the best coffee I ever had
I am really disappointed
my mother passed away last week
we are expecting a baby in May
my daughter starts school this year
I got married last summer
I have a new job in another city
I am retiring at the end of the year
my dog needs a vet
I have been ill for some days
does this contain nuts or gluten
what do you recommend for dry skin
can I book a table for four on Friday
please move my appointment to Thursday
I have to cancel my booking
is breakfast included
what time is check in
my flight was delayed by five hours
my luggage has not turned up
do I need a visa
can I bring a guest
how long is the drive
where can I get tickets for the concert
my car makes a strange noise
when is my next service due
the battery is dead again
I had an accident on the way home
how do I file a claim
does my insurance cover water damage
please send somebody to repair the heating
the internet has been down since this morning
how much data do I have left
I want to switch to a cheaper plan
can I keep my old number
when does my contract end
I would like to return the keys
how do I reset the device
how do I connect it to the television
the screen is cracked
is there a warranty on this
what is the weather like outside
play some music
set an alarm for seven in the morning
tell me a joke
what is the capital of France
who won the game last night
how do you spell necessary
translate good morning into Spanish
how many calories are in an apple
remind me to call my brother
turn off the lights in the kitchen
what is the meaning of life
how tall is that mountain
I read an interesting book about history
the garden looks lovely in spring
we had a great time at the party
do you sell gift cards
are you hiring at the moment
I would like to work for you
may I use your logo in an article
how is my data stored
what do you know about me
please delete my data
I agree to the new terms
did you get the documents I uploaded
please find attached the signed form
which documents do you need from me
I am still waiting for an answer
nobody has answered me for days
could you call me back this afternoon
I cannot come to the phone right now
I am in a meeting, call me later
that is too expensive for me
I found a better price elsewhere
I am not interested
I changed my mind
`
  .trim()
  .split("\n");
